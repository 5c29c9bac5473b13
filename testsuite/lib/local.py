# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs jobs on this machine, under its own kernel, two at a time."""
import gzip
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_ONCE = 2
PMU = Path("/sys/bus/event_source/devices")


def kernel_config():
    for path, opener in ((f"/boot/config-{os.uname().release}", open),
                         ("/proc/config.gz", gzip.open)):
        try:
            with opener(path, "rt") as text:
                return text.read()
        except OSError:
            continue
    return ""


def features():
    """Which needs of tests this machine answers."""
    config = kernel_config()
    rows = {
        "machine": True,
        "root": os.geteuid() == 0,
        "kprobe": (PMU / "kprobe").exists(),
        "uprobe": (PMU / "uprobe").exists(),
        "fentry": (PMU / "kprobe").exists()
                  and "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y" in config,
        "fprobe": "CONFIG_FPROBE=y" in config and (PMU / "kprobe").exists(),
        "btf": Path("/sys/kernel/btf/vmlinux").exists(),
    }
    return {name for name, there in rows.items() if there}


def environment(build, out):
    """What jobs on this machine find in their environment."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("SONDE", "SYSTEMTAP", "MAKE", "MFLAGS"))}
    env.update(SONDE=str(build / "sonde"), LC_ALL="C.UTF-8", TZ="UTC", BUILDDIR=str(build),
               XDG_CACHE_HOME=str(out / "cache"), SRCDIR=str(Path(__file__).resolve().parents[2]))
    return env


class LocalExecutor:
    """The machine itself."""

    name = "machine"

    def __init__(self, out, build, conf):
        self.out, self.build = out, build
        self.release = os.uname().release
        self.has = features() | ({"fuzzing"} if conf.get("FUZZING") == "yes" else set())
        self.console = ""

    def module_file(self, _name):
        """Tests load no modules into a kernel that others use, too."""
        return None

    def run(self, jobs, done):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for job, result in pool.map(self.run_one, jobs):
                done(job, *result)

    def prepare(self, jobs):
        """Nothing to be done before jobs run here."""

    def run_one(self, job):
        started = time.monotonic()
        out, err = job.dir / "stdout", job.dir / "stderr"
        with open(out, "wb") as o, open(err, "wb") as e:
            process = subprocess.Popen(["sh", "./cmd"], cwd=job.dir, stdin=subprocess.DEVNULL,
                                       stdout=o, stderr=e, env=environment(self.build, self.out),
                                       start_new_session=True)
            try:
                status = process.wait(timeout=job.limit)
                status = 128 - status if status < 0 else status
            except subprocess.TimeoutExpired:
                status = 124
            finally:
                kill_group(process)
        ms = int((time.monotonic() - started) * 1000)
        return job, (status, out.read_bytes(), err.read_bytes(), ms)


def kill_group(process):
    """Ends what a job may have left behind: the processes of its session's group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
