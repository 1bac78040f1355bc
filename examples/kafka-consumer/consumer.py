#!/usr/bin/env python3
"""Reads the events of a Kontor house from Kafka and prints each in one line.

A message is in Confluent's wire format: a zero byte, the number of the schema (four bytes, the
highest first), the event in Avro. The schema is asked of the registry once and then remembered.
What belongs to every event stands in the headers of the message.
"""

import argparse
import io
import json
import os
import struct
import sys
import urllib.request
from datetime import datetime, timezone

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

TOPICS = [
    "offer.created",
    "offer.valuated",
    "offer.accepted",
    "offer.status.changed",
    "offer.payout.requested",
    "offer.payout.completed",
    "offer.receipt.generated",
    "policy.decisions",
]


class Registry:
    """The schemas that messages were written with."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.known = {}

    def schema(self, number):
        """The schema of that number."""
        if number not in self.known:
            url = f"{self.url}/schemas/ids/{number}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                text = json.load(answer)["schema"]
            self.known[number] = fastavro.parse_schema(json.loads(text))
        return self.known[number]

    def read(self, message):
        """The event in a message."""
        if len(message) < 5 or message[0] != 0:
            raise ValueError("not in Confluent's wire format")
        (number,) = struct.unpack(">I", message[1:5])
        body = io.BytesIO(message[5:])
        event = fastavro.schemaless_reader(body, self.schema(number), None)
        if body.read(1):
            raise ValueError("more bytes than the schema has")
        return event


def headers(message):
    """The headers of a message as texts."""
    return {k: (v or b"").decode("utf-8", "replace") for k, v in message.headers() or []}


def plain(value):
    """What JSON has no form for."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def line(registry, message):
    """One message as one line."""
    about = headers(message)
    event = registry.read(message.value())
    key = (message.key() or b"").decode("utf-8", "replace")
    place = f"{message.topic()}[{message.partition()}]@{message.offset()}"
    known = ["occurred-at", "event-id", "event-type", "event-version", "aggregate-version",
             "actor", "request-id", "traceparent"]
    told = " ".join(f"{name}={about[name]}" for name in known if about.get(name))
    body = json.dumps(event, default=plain, ensure_ascii=False, sort_keys=True)
    return f"{place} key={key} {told} {body}"


def partitions_of(consumer, wanted):
    """Every partition of the wanted topics that are there, from its beginning."""
    there = consumer.list_topics(timeout=30).topics
    missing = [topic for topic in wanted if topic not in there]
    if missing:
        print(f"not there yet: {', '.join(missing)}", file=sys.stderr)
    return [
        TopicPartition(topic, partition)
        for topic in wanted
        if topic in there
        for partition in there[topic].partitions
    ]


def read_once(consumer, wanted, show):
    """Reads each partition from its beginning to the end it has now."""
    open_ones, begin = {}, []
    for place in partitions_of(consumer, wanted):
        low, high = consumer.get_watermark_offsets(place, timeout=30)
        if high > low:
            open_ones[(place.topic, place.partition)] = high
            begin.append(TopicPartition(place.topic, place.partition, low))
    consumer.assign(begin)
    while open_ones:
        message = consumer.poll(30)
        if message is None:
            raise TimeoutError(f"nothing came from {sorted(open_ones)} for 30 s")
        place = (message.topic(), message.partition())
        if message.error():
            # The end may also be reached by a mark of a transaction, which is no message.
            if message.error().code() == KafkaError._PARTITION_EOF:
                open_ones.pop(place, None)
                continue
            raise KafkaException(message.error())
        if place in open_ones:
            show(message)
            if message.offset() + 1 >= open_ones[place]:
                del open_ones[place]


def read_on(consumer, wanted, show):
    """Reads whatever comes, as a member of the group, until it is stopped."""
    consumer.subscribe(wanted)
    while True:
        message = consumer.poll(1)
        if message is None:
            continue
        if not message.error():
            show(message)
            # Only what was printed counts as read: after a crash it is printed again.
            consumer.commit(message, asynchronous=False)
        elif message.error().code() not in (
            KafkaError._PARTITION_EOF, KafkaError.UNKNOWN_TOPIC_OR_PART
        ):
            raise KafkaException(message.error())


def arguments():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kafka = os.environ.get("KONTOR_KAFKA", "127.0.0.1:9092")
    registry = os.environ.get("KONTOR_REGISTRY", "http://127.0.0.1:8081/apis/ccompat/v7")
    ask.add_argument("--kafka", default=kafka, help="brokers, or kafka://HOST:PORT")
    ask.add_argument("--registry", default=registry, help="URL of the schema registry")
    ask.add_argument("--group", default="kontor-example", help="consumer group")
    ask.add_argument("--topic", action="append", help="only this topic (several times)")
    ask.add_argument("--prefix", default="", help="what stands before each topic's name")
    ask.add_argument("--once", action="store_true",
                     help="from the beginning to the end of each topic, then stop")
    return ask.parse_args()


def main():
    asked = arguments()
    consumer = Consumer({
        "bootstrap.servers": asked.kafka.removeprefix("kafka://"),
        "group.id": asked.group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    })
    registry = Registry(asked.registry)
    wanted = [asked.prefix + topic for topic in asked.topic or TOPICS]
    unreadable = 0

    def show(message):
        nonlocal unreadable
        try:
            print(line(registry, message), flush=True)
        except (ValueError, KeyError, EOFError, IndexError) as e:
            unreadable += 1
            place = f"{message.topic()}[{message.partition()}]@{message.offset()}"
            print(f"{place} cannot be read: {e}", file=sys.stderr)

    try:
        (read_once if asked.once else read_on)(consumer, wanted, show)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
    return 1 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
