"""A process to be killed: writes the number of each record that it hears into a file, slowly committing.

`python -m tests.bus.listener URL GROUP TOPIC FILE`
"""

import sys
from pathlib import Path

from assent_kit.bus import open_bus


def main(url: str, group: str, topic: str, path: str) -> None:
    """Listen until killed."""
    consumer = open_bus(url).consumer(group, [topic])
    with Path(path).open("a") as notes:
        while True:
            for record in consumer.poll(0.2, 5):
                notes.write(record.headers["number"] + "\n")
                notes.flush()
            consumer.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
