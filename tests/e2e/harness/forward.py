"""Ports of the cluster on this machine, opened again when the pod behind them is replaced."""

import socket
import subprocess
import time
from types import TracebackType


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Forward:
    """`kubectl port-forward` to a service or pod, while the block lasts."""

    def __init__(self, namespace: str, target: str, port: int) -> None:
        self._target = ["kubectl", "--namespace", namespace, "port-forward", target]
        self._remote, self.port = port, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, seconds: float = 60) -> None:
        """Make sure that it listens; a forward to a pod that went away is begun anew."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                command = [*self._target, f"{self.port}:{self._remote}"]
                self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.3)
        raise ConnectionError(f"{' '.join(self._target)} did not listen after {seconds:.0f} s")

    def reopen(self) -> None:
        self.close()
        self.open()

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def __enter__(self) -> "Forward":
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
