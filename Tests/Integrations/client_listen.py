"""The official client, version 2, listens to its tasks instead of asking for them."""

import asyncio
from typing import Any

import httpx2
import mcp_types as types
from mcp import Client
from mcp.client import ClientExtension, NotificationBinding
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from gateway import STRANGER, TOKEN, URL, check, headers, passed, trust

TASKS = "io.modelcontextprotocol/tasks"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"


class TaskTold(types.NotificationParams):
    """What a notification says of a task."""

    model_config = {**types.NotificationParams.model_config, "extra": "allow"}
    taskId: str
    status: str


class Listener(ClientExtension):
    """Declares tasks, and takes down what is told of them."""

    identifier = TASKS

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.granted: list[dict[str, Any]] = []
        self.is_working = asyncio.Event()

    def notifications(self) -> list[NotificationBinding[Any]]:
        return [
            NotificationBinding(
                method="notifications/tasks", params_type=TaskTold, handler=self.take
            )
        ]

    async def take(self, params: TaskTold) -> None:
        self.told.append(params.model_dump(by_alias=True))
        if params.status == "working":
            self.is_working.set()

    async def message(self, message: Any) -> None:
        if isinstance(message, types.SubscriptionsAcknowledgedNotification):
            wanted = message.params.notifications
            self.granted.append(wanted.model_dump(by_alias=True, exclude_none=True))


def http(token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(headers=headers(token), verify=trust(), timeout=60)


async def listen(client: Client, tasks: list[str]) -> types.SubscriptionsListenResult:
    request = types.SubscriptionsListenRequest(
        params=types.SubscriptionsListenRequestParams(
            notifications=types.SubscriptionFilter.model_validate({"taskIds": tasks})
        )
    )
    return await client.session.send_request(request, types.SubscriptionsListenResult)


async def submit(client: Client, script: str) -> str:
    answer = await client.call_tool("submit_task", {"command": ["sh", "-c", script]})
    return answer.structured_content["taskId"]


async def followed(submitter: Client) -> None:
    task = await submit(submitter, "sleep 1; echo '{\"n\": 7}' > $SWIFTLET_RESULT")
    other = await submit(submitter, "exit 3")
    unknown = task[:-1] + ("0" if task[-1] != "0" else "1")
    listener = Listener()
    async with http(TOKEN) as own:
        async with Client(
            streamable_http_client(URL, http_client=own),
            mode="2026-07-28",
            extensions=[listener],
            message_handler=listener.message,
        ) as client:
            end = await asyncio.wait_for(listen(client, [task, unknown, other]), 60)
            check(end.meta and SUBSCRIPTION in end.meta, f"the end names the request: {end}")
    check(listener.granted == [{"taskIds": [task, other]}], f"granted: {listener.granted}")
    last = {told["taskId"]: told for told in listener.told}
    check(set(last) == {task, other}, f"both were told of: {listener.told}")
    check(last[task]["status"] == "completed", f"the task's end was told: {last[task]}")
    result = last[task]["result"]
    check(result["structuredContent"]["result"] == {"n": 7}, f"with its result: {result}")
    passed("mcp 2.x, listens until its tasks have ended")


async def left_alone(submitter: Client) -> None:
    task = await submit(submitter, "sleep 600")
    listener = Listener()
    async with http(TOKEN) as own:
        async with Client(
            streamable_http_client(URL, http_client=own),
            mode="2026-07-28",
            extensions=[listener],
        ) as client:
            listening = asyncio.create_task(listen(client, [task]))
            await asyncio.wait_for(listener.is_working.wait(), 30)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await submitter.call_tool("cancel_task", {"task": task})
            # Whoever comes back is told how it stands now.
            await asyncio.wait_for(listen(client, [task]), 30)
    check(listener.told[-1]["status"] == "cancelled", f"what was missed: {listener.told[-1]}")
    passed("mcp 2.x, leaves and comes back")


async def strangers(submitter: Client) -> None:
    task = await submit(submitter, "true")
    listener = Listener()
    async with http(STRANGER) as own:
        async with Client(
            streamable_http_client(URL, http_client=own),
            mode="2026-07-28",
            extensions=[listener],
            message_handler=listener.message,
        ) as client:
            await asyncio.wait_for(listen(client, [task]), 30)
    check(listener.granted == [{}] and not listener.told, "a stranger is told nothing")
    try:
        await listen(submitter, [task])
        check(False, "tasks are for clients that say they know them")
    except MCPError as error:
        check(error.error.code == -32021, f"the capability is missing: {error}")
    async with submitter.listen(tools_list_changed=True) as subscription:
        check(not subscription.honored.tools_list_changed, "lists do not change")
        check([event async for event in subscription] == [], "so the stream ends")
    passed("mcp 2.x, hears nothing that it may not")


async def main() -> None:
    async with http(TOKEN) as own:
        transport = streamable_http_client(URL, http_client=own)
        async with Client(transport, mode="2026-07-28") as submitter:
            await followed(submitter)
            await left_alone(submitter)
            await strangers(submitter)


asyncio.run(main())
