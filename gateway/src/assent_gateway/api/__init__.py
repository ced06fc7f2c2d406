"""What can be asked of the gateway itself over HTTP. No rules here: parse, call one use case, shape the answer."""
