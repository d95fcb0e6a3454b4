"""What a program did and when, for whoever compares: one line of JSON each, with the seconds since 1970."""

import json
import time


def note(event, **facts):
    print(json.dumps({"event": event, "at": time.time(), **facts}), flush=True)
