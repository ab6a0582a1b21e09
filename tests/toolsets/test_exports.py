"""What was exported is read part by part; how it is kept and to whom it is shown is in tests/server."""

from worlds import Make

READS: dict[str, Make] = {"read_export": lambda org, text: {}}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "read_export": (
        "Show me the next part of the export",
        "read export",
        "Den nächsten Teil des Exports zeigen",
        "lire la partie suivante de l'export",
        "get_export_part",
        "leer la segunda parte de la exportación",
        "エクスポートの次の部分",
        "which exports have I made?",
    ),
}
