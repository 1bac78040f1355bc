#!/usr/bin/env python3
"""Writes two events and a message that is none, and reads them back with consumer.py.

Needs the addresses of Kafka and of a registry: KONTOR_KAFKA, KONTOR_REGISTRY.
"""

import io
import json
import os
import struct
import subprocess
import sys
import time
import unittest
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

import fastavro
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from consumer import plain

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parents[1] / "crates/contracts/schemas"
KAFKA = os.environ["KONTOR_KAFKA"].removeprefix("kafka://")
REGISTRY = os.environ["KONTOR_REGISTRY"].rstrip("/")


def sample(schema):
    """A value of each field's type."""
    values = {"string": "text ö", "long": 1_768_478_400_000_000, "int": 7, "boolean": True,
              "null": None, "double": 0.5}

    def of(kind):
        if isinstance(kind, list):
            return of(kind[-1])
        if isinstance(kind, dict):
            if kind.get("logicalType") == "uuid":
                return uuid.UUID(int=7)
            if kind.get("logicalType") == "timestamp-micros":
                return datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
            if kind["type"] == "array":
                return [of(kind["items"])]
            if kind["type"] == "record":
                return {f["name"]: of(f["type"]) for f in kind["fields"]}
            if kind["type"] == "enum":
                return kind["symbols"][0]
            return of(kind["type"])
        return values[kind]

    return of(schema)


class Reads(unittest.TestCase):
    def setUp(self):
        # Topics of this run only: others' messages are none of ours.
        self.prefix = f"example-{os.getpid()}-{time.time_ns()}."
        self.topics = ["offer.created", "offer.accepted"]
        # Named, so that it lives until the topics are made.
        admin = AdminClient({"bootstrap.servers": KAFKA})
        made = admin.create_topics(
            [NewTopic(self.prefix + t, num_partitions=3, replication_factor=1)
             for t in self.topics])
        for done in made.values():
            done.result(30)

    def register(self, topic):
        text = (SCHEMAS / topic / "v1.avsc").read_text()
        request = urllib.request.Request(
            f"{REGISTRY}/subjects/{self.prefix}{topic}-value/versions",
            data=json.dumps({"schema": text}).encode(),
            headers={"Content-Type": "application/vnd.schemaregistry.v1+json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["id"], json.loads(text)

    def write(self, topic, value, key=b"an-offer"):
        producer = Producer({"bootstrap.servers": KAFKA})
        headers = [("event-id", b"e-1"), ("event-type", topic.encode()), ("event-version", b"1"),
                   ("aggregate-version", b"1"), ("actor", "Åsa".encode())]
        producer.produce(self.prefix + topic, value=value, key=key, headers=headers)
        self.assertEqual(producer.flush(30), 0)

    def read(self):
        command = [sys.executable, str(HERE / "consumer.py"), "--once", "--kafka", KAFKA,
                   "--registry", REGISTRY, "--prefix", self.prefix]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def test_events_are_printed_one_a_line(self):
        written = {}
        for topic in self.topics:
            number, schema = self.register(topic)
            written[topic] = sample(schema)
            body = io.BytesIO()
            fastavro.schemaless_writer(body, fastavro.parse_schema(schema), written[topic])
            self.write(topic, b"\0" + struct.pack(">I", number) + body.getvalue())
        ran = self.read()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        lines = sorted(ran.stdout.splitlines())
        self.assertEqual(len(lines), 2, ran.stdout)
        for topic, line in zip(sorted(self.topics), lines):
            self.assertTrue(line.startswith(f"{self.prefix}{topic}["), line)
            self.assertIn(f"key=an-offer event-id=e-1 event-type={topic}", line)
            self.assertIn("actor=Åsa", line)
            printed = json.loads(json.dumps(written[topic], default=plain))
            self.assertEqual(json.loads(line[line.index("{"):]), printed)
        self.assertIn("not there yet", ran.stderr)

    def test_what_is_no_event_is_told_and_does_not_stop_it(self):
        self.write("offer.created", b"plain text")
        ran = self.read()
        self.assertEqual(ran.returncode, 1, ran.stdout)
        self.assertIn("cannot be read: not in Confluent's wire format", ran.stderr)


if __name__ == "__main__":
    unittest.main()
