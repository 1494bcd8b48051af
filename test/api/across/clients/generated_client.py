# What openapi-python-client makes of the OpenAPI document, used as its pages show. Arguments: the server's URL, a token.
import sys

from parley_client import AuthenticatedClient
from parley_client.api.parley_v_2 import create_room, get_room, list_rooms, send_message
from parley_client.models import NewMessage, NewRoom, ProblemDetails, Role
from parley_client.models.error_code import ErrorCode
from parley_client.models.new_room_kind import NewRoomKind

url, token = sys.argv[1:]

with AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True) as client:
    made = create_room.sync(client=client, body=NewRoom(name="generated", kind=NewRoomKind.PUBLIC))
    rooms = list_rooms.sync(client=client, limit=10)
    [room] = [room for room in rooms.items if room.id == made.id]
    assert room.role == Role.OWNER, room

    missing = get_room.sync_detailed(987654321, client=client)
    assert missing.status_code == 404, missing
    assert isinstance(missing.parsed, ProblemDetails), missing
    assert missing.parsed.code == ErrorCode.NOT_FOUND, missing

    sent = send_message.sync(room.id, client=client, body=NewMessage(body="Hello from Python"), idempotency_key="py-1")
    print(sent.body, sent.seq, sent.created_at.tzinfo is not None)
