"""Asks Cedar, with policies and entities prepared; run by the Python of Cedar's own environment.

Reads `policies`, `entities` and `requests` (JSON) from the file named first; prints, as JSON, the
seconds that all answers took and which of them were yes. Nothing but `cedarpy` is needed here.
"""

import json
import sys
import time
from pathlib import Path

import cedarpy  # type: ignore[import-not-found]

given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
policies = cedarpy.PolicySet.from_str(given["policies"])
entities = cedarpy.Entities.from_json_str(json.dumps(given["entities"]))
requests = given["requests"]
start = time.perf_counter()
answers = cedarpy.is_authorized_batch(requests, policies, entities)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "allowed": [answer.allowed for answer in answers]}))
