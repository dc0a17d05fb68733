"""Compile the Chinese catalogues when Duban is installed or packed: `duban.mo` is made, never committed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):  # type: ignore[misc]
    """The build hook that hatchling finds in this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling calls it so
        """Write `duban.mo` beside the catalogues that it is compiled from."""
        sys.path.insert(0, str(Path(self.root)))
        try:
            from i18n.compile import write_compiled  # noqa: PLC0415 - known only now that the root is on the path
        finally:
            sys.path.pop(0)
        write_compiled()
