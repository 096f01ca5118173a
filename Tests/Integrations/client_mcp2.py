"""The official client, version 2: both generations of the protocol."""

import asyncio

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from gateway import STRANGER, TOKEN, URL, check, headers, passed, trust


async def run(mode: str) -> None:
    async with httpx2.AsyncClient(headers=headers(), verify=trust(), timeout=60) as http:
        transport = streamable_http_client(URL, http_client=http)
        async with Client(transport, mode=mode) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            check({"submit_task", "wait_task", "list_pools"} <= names, "the tools are listed")
            pools = await client.call_tool("list_pools", {})
            check(pools.structured_content["pools"][0]["name"] == "crew", "the pool is listed")
            arguments = {
                "idempotencyKey": f"mcp2/{mode}",
                "command": ["sh", "-c", "echo '{\"n\": 42}' > $SWIFTLET_RESULT; echo said"],
            }
            first = (await client.call_tool("submit_task", arguments)).structured_content
            again = (await client.call_tool("submit_task", arguments)).structured_content
            check(first["taskId"] == again["taskId"], "the same key is the same task")
            done = await wait(client, first["taskId"])
            check(done["phase"] == "Succeeded", f"the task succeeded: {done}")
            check(done["result"] == {"n": 42}, "the result came back")
            logs = await client.call_tool("get_task_logs", {"task": first["taskId"]})
            check(logs.structured_content["lines"] == ["said"], "the output can be read")
            wrong = await client.call_tool("get_task", {"task": "NO"})
            check(wrong.is_error, "a wrong argument is told to the model")
            sleeper = await client.call_tool("submit_task", {"command": ["sleep", "600"]})
            handle = sleeper.structured_content["taskId"]
            await client.call_tool("cancel_task", {"task": handle})
            check((await wait(client, handle))["phase"] == "Cancelled", "it was called off")
    passed(f"mcp 2.x, mode {mode}")


async def wait(client: Client, task: str) -> dict:
    for _ in range(10):
        answer = await client.call_tool("wait_task", {"task": task, "timeoutSeconds": 20})
        if answer.structured_content["done"]:
            return answer.structured_content
    raise TimeoutError(task)


async def stranger() -> None:
    async with httpx2.AsyncClient(headers=headers(STRANGER), verify=trust()) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            no = await client.call_tool("submit_task", {"command": ["true"]})
            check(no.is_error, "a stranger submits nothing")
            none = await client.call_tool("get_task", {"task": "default/none"})
            check(none.is_error, "a stranger sees nothing")
    passed("mcp 2.x, somebody without rights")


async def main() -> None:
    check(TOKEN != STRANGER, "the two callers are two")
    for mode in ["auto", "legacy", "2026-07-28"]:
        await run(mode)
    await stranger()


asyncio.run(main())
