"""The door to SOURCES_FILE: who may send, with their secrets, or only their names."""

import base64
import binascii
from dataclasses import replace
from pathlib import Path

from coursebox.address import is_loopback
from rulebook import Vocabulary
from senders.normal import event_types
from senders.presets import PRESETS
from senders.sources import Source, Sources, SourcesError, read_presets, read_sources
from workers.settings import Settings, SettingsError, environment, reason
