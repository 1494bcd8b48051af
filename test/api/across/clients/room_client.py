"""A room's client on the package websockets: room_client.py URL TOKEN. Says what documents 1 and 2 say, and prints what comes."""

import asyncio
import json
import sys

import websockets


async def main(url, token):
    headers = {"Authorization": f"Token {token}"}
    try:
        async with websockets.connect(url, additional_headers=headers) as socket:
            await socket.send(json.dumps({"message": "Hello, World!"}))
            async for frame in socket:
                print(f"received {frame}", flush=True)
        print(f"closed {socket.close_code}", flush=True)
    except websockets.exceptions.ConnectionClosedError as error:
        print(f"closed {error.rcvd.code}", flush=True)
    except websockets.exceptions.InvalidStatus as error:
        print(f"refused {error.response.status_code}", flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2]))
