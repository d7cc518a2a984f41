"""Import libraries once, and run each requested program in a fork. `forked.py` starts it and sends the requests."""

import atexit
import gc
import importlib
import json
import os
import sys
import threading
import traceback
import types


def serve(modules: list[str]) -> None:
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for module in modules:
        importlib.import_module(module)
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        raise RuntimeError(f"threads do not go along into a fork: {others}")
    gc.freeze()
    for line in iter(requests.readline, ""):
        process = os.fork()
        if process == 0:
            requests.close()
            answers.close()
            run(**json.loads(line))
        answers.write(f"{process}\n")
        answers.flush()
        _, status = os.waitpid(process, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()
    os._exit(0)  # nothing was begun that has an end


def run(program: str, arguments: list[str], folder: str, environment: dict[str, str], streams: list[str]) -> None:
    """Do what `python -c PROGRAM ARGUMENTS` does, and end."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(streams):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["-c", *arguments]
    sys.path[0:1] = ["", *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.modules["__main__"] = types.ModuleType("__main__")
    code = ended(program)
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(program: str) -> int:
    try:
        exec(compile(program, "<string>", "exec"), sys.modules["__main__"].__dict__)
    except SystemExit as leaving:
        if isinstance(leaving.code, str):
            sys.stderr.write(f"{leaving.code}\n")
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1:])
