"""An agent inside an attempt, with the official client: attempt.py as the command of tasks."""

import asyncio
import os
import pathlib
import subprocess
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from gateway import URL, check, headers, passed, trust

PROGRAM = str(pathlib.Path(__file__).with_name("attempt.py"))


async def ended(client: Client, handle: str) -> dict:
    name = handle.split("/")[1]
    approved = False
    for _ in range(30):
        call = {"task": handle, "timeoutSeconds": 3}
        answer = (await client.call_tool("wait_task", call)).structured_content
        if answer["done"]:
            check(approved, f"nobody was asked: {answer}")
            return answer
        if not approved:
            approved = approve(name)
    raise TimeoutError(f"{handle}: {answer}")


def approve(name: str) -> bool:
    """Answers as a person does; False while nothing is asked."""
    swiftlet = [os.environ["SWIFTLET_PROGRAM"], "approve"]
    listed = subprocess.run(
        [*swiftlet, "--list", f"task/{name}"], capture_output=True, text=True, check=False)
    if "deploy/staging" not in listed.stdout:
        return False
    subprocess.run([*swiftlet, f"task/{name}"], check=True, capture_output=True)
    return True


async def run(mode: str) -> None:
    async with httpx2.AsyncClient(headers=headers(), verify=trust(), timeout=60) as http:
        async with Client(streamable_http_client(URL, http_client=http), mode=mode) as client:
            made = await client.call_tool(
                "submit_task", {"command": [sys.executable, PROGRAM, mode]})
            handle = made.structured_content["taskId"]
            done = await ended(client, handle)
            check(done["phase"] == "Succeeded", f"the task succeeded: {done}")
            check(done["result"]["state"] == '{"step": 2}', f"the state: {done['result']}")
            check(done["attempt"] == 2, f"one retry: {done}")
            logs = (await client.call_tool("get_task_logs", {"task": handle})).structured_content
            check(not any("not ok" in line for line in logs["lines"]), f"its output: {logs}")
            lease = f"{handle.split('/')[2]}/2"
            try:
                await client.call_tool("report_progress", {"lease": lease, "percent": 1})
                check(False, "who is no agent has no agents' tools")
            except MCPError:
                pass
    passed(f"mcp 2.x inside an attempt, mode {mode}")


async def main() -> None:
    for mode in ["2026-07-28", "legacy"]:
        await run(mode)


asyncio.run(main())
