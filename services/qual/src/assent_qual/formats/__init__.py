"""The formats that transcripts come in: one module each, all with the same face, `read(data: bytes) -> Transcript`.

Each raises `UnreadableTranscript` and nothing else, whatever the bytes.
"""
