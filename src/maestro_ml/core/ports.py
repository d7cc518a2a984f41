"""The ports that commands listen on."""

UI_PORT = 8710
