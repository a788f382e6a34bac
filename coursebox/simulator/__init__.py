"""A Coursebox to try things on: the vendor's API as a real HTTP server, with trouble on demand."""

from coursebox.simulator.faults import FaultError
from coursebox.simulator.server import RunningSimulator, running_simulator, serve
from coursebox.simulator.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, Simulator
from coursebox.simulator.state import SAMPLE_COURSES
from coursebox.simulator.switches import SwitchError

__all__ = [
    "SAMPLE_COURSES",
    "SAMPLE_EMAIL",
    "SAMPLE_PASSWORD",
    "FaultError",
    "RunningSimulator",
    "Simulator",
    "SwitchError",
    "running_simulator",
    "serve",
]
