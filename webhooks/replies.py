"""What a sender is told once its events are kept, in the form that it expects."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Response, jsonify

from senders.preset import Reply, ReplyBody
from workers.store import Accepted

# https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_wsdl.htm
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soapenv:Body>"
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">'
    "<Ack>true</Ack>"
    "</notificationsResponse>"
    "</soapenv:Body>"
    "</soapenv:Envelope>\n"
)


def answer_kept(reply: Reply, accepted: Accepted) -> Response:
    """The answer to a delivery whose events are all kept."""
    answer = _BODIES[reply.body](accepted)
    answer.status_code = reply.status
    return answer


def _counts(accepted: Accepted) -> Response:
    return jsonify(accepted=accepted.accepted, duplicates=accepted.duplicates, events=accepted.ids)


def _empty(accepted: Accepted) -> Response:
    return Response(mimetype="text/plain")


def _soap_ack(accepted: Accepted) -> Response:
    return Response(_ACK, mimetype="text/xml")


_BODIES: Mapping[ReplyBody, Callable[[Accepted], Response]] = MappingProxyType(
    {ReplyBody.COUNTS: _counts, ReplyBody.EMPTY: _empty, ReplyBody.SOAP_ACK: _soap_ack}
)
