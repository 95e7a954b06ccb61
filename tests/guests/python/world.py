"""Uses the world of wit/: sets each of its task's results from the param of the same name."""

import os
import sys

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import log, modes, params, progress, results


class Run(exports.Run):
    def run(self) -> None:
        names = params.names()
        for done, name in enumerate(names):
            progress.report("params", done, len(names))
            results.set(name, params.get(name))
        try:
            results.set("nothing", params.Value_Text("x"))
        except Err as error:
            log.write(log.Level.INFO, "refused", [("why", error.value.name.lower().replace("_", "-")), ("argument", sys.argv[1])])
        path = "/tekton/results/text"
        modes.set_mode(path, True, 0o750)
        print(f"{modes.get_mode(path, True):o} {os.environ['PWD']} {open(path).read()}")
