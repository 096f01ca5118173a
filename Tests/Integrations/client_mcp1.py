"""The official client, version 1: the handshake, and tasks as they were before."""

import asyncio

import httpx
import mcp.types as types
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from gateway import CA, URL, check, headers, passed


def factory(headers=None, timeout=None, auth=None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers=headers, timeout=timeout or httpx.Timeout(60), auth=auth, verify=CA)


async def main() -> None:
    async with streamablehttp_client(
        URL, headers=headers(), httpx_client_factory=factory
    ) as (read, write, session_id):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            check(hello.protocolVersion == "2025-11-25", hello.protocolVersion)
            check(session_id() is None, "no session is kept")
            await session.send_ping()
            passed("mcp 1.30: handshake without a session")
            made = await session.experimental.call_tool_as_task(
                "submit_task", {"command": ["sh", "-c", "echo 1 > $SWIFTLET_RESULT"]})
            check(made.task.status == "working", made.task.status)
            async for status in session.experimental.poll_task(made.task.taskId):
                last = status
            check(last.status == "completed", last.status)
            result = await session.experimental.get_task_result(
                made.task.taskId, types.CallToolResult)
            check(result.structuredContent["result"] == 1, f"the result: {result}")
            listed = await session.experimental.list_tasks()
            check(made.task.taskId in [task.taskId for task in listed.tasks], "it is listed")
            passed("mcp 1.30: a task of the older generation")
            sleeper = await session.experimental.call_tool_as_task(
                "submit_task", {"command": ["sleep", "600"]})
            ended = await session.experimental.cancel_task(sleeper.task.taskId)
            check(ended.status in ("working", "cancelled"), ended.status)
            passed("mcp 1.30: called off")


asyncio.run(main())
