"""The command of a task: an agent that speaks MCP from inside its attempt, with its agent's token.

The first attempt keeps a state and a memory and fails; the second goes on from there, asks for a
permission, and ends the task itself.
"""

import asyncio
import os
import pathlib
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from gateway import check, trust

LEASE = os.environ["SWIFTLET_LEASE"]
ATTEMPT = int(os.environ["SWIFTLET_ATTEMPT"])
# What the runner commits itself, beside the state.
FILE = pathlib.Path(os.environ["SWIFTLET_CHECKPOINT_DIR"]) / "file"


def headers() -> dict[str, str]:
    with open(os.environ["SWIFTLET_MCP_TOKEN_FILE"], encoding="utf-8") as file:
        token = file.read().strip()
    return {"Authorization": f"Bearer {token}", "Swiftlet-Lease": LEASE}


async def use(client: Client, tool: str, **arguments) -> dict:
    answer = await client.call_tool(tool, arguments)
    check(not answer.is_error, f"{tool}: {answer}")
    return answer.structured_content


async def first(client: Client) -> None:
    names = {tool.name for tool in (await client.list_tools()).tools}
    check({"report_progress", "save_checkpoint", "request_permission"} <= names, f"tools: {names}")
    check(not (await use(client, "load_checkpoint"))["found"], "nothing was kept before")
    told = await use(client, "report_progress", percent=40, message="halfway")
    check(told["stored"], "progress")
    kept = await use(client, "save_checkpoint", state='{"step": 1}')
    again = await use(client, "save_checkpoint", state='{"step": 2}')
    check(again["sequence"] > kept["sequence"], "states follow each other")
    FILE.write_text("beside the state", encoding="utf-8")
    await use(client, "remember", text="The gearbox needs oil of grade seven.", key="gearbox")
    await use(client, "remember", text="The door is green.")
    wrong = await client.call_tool("report_progress", {"percent": 400})
    check(wrong.is_error, "a wrong argument is told to the model")
    stranger = await client.call_tool("save_checkpoint", {"lease": "no-such-task/1", "state": "x"})
    check(stranger.is_error, "another lease opens nothing")


async def second(client: Client) -> None:
    state = await use(client, "load_checkpoint")
    check(state["found"] and state["state"] == '{"step": 2}', f"the last state: {state}")
    check(FILE.read_text(encoding="utf-8") == "beside the state", "the folder")
    found = (await use(client, "recall", query="which oil for the gearbox", limit=1))["memories"]
    check("grade seven" in found[0]["text"], f"the memory: {found}")
    asked = {"action": "deploy/staging", "reason": "to show it"}
    for _ in range(20):
        answer = await use(client, "request_permission", timeoutSeconds=10, **asked)
        if answer["decision"] != "pending":
            break
    check(answer["decision"] == "allow", f"a person has allowed it: {answer}")
    done = await use(client, "complete_task", result={"state": state["state"], "by": answer["by"]})
    check(done["stored"], "the end is durable")
    # The runner stops whoever has ended a task.
    await asyncio.sleep(600)


async def main() -> None:
    async with httpx2.AsyncClient(headers=headers(), verify=trust(), timeout=60) as http:
        transport = streamable_http_client(os.environ["SWIFTLET_MCP_URL"], http_client=http)
        async with Client(transport, mode=sys.argv[1]) as client:
            await (first if ATTEMPT == 1 else second)(client)
    print("the first attempt ends here", flush=True)
    sys.exit(1)


asyncio.run(main())
