"""A LangGraph graph that submits a background task, waits for it, and branches on its result."""

import asyncio
from typing import TypedDict

import httpx
from langchain_mcp_adapters.client import MultiServerMCPClient
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from gateway import CA, URL, check, headers, passed


class State(TypedDict, total=False):
    command: list[str]
    task: str
    outcome: dict
    verdict: str


def factory(headers=None, timeout=None, auth=None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers=headers, timeout=timeout or httpx.Timeout(60), auth=auth, verify=CA)


def content(message) -> dict:
    return message.artifact["structured_content"]


async def call(tool, arguments: dict):
    return await tool.ainvoke(
        {"type": "tool_call", "id": "1", "name": tool.name, "args": arguments})


def graph(tools: dict):
    async def submit(state: State, config) -> State:
        # A graph that is resumed runs its node again: the key keeps the work from being done twice.
        key = config["configurable"]["thread_id"] + "/submit"
        made = await call(
            tools["submit_task"],
            {"command": state["command"], "idempotencyKey": key, "maxRetries": 0})
        return {"task": content(made)["taskId"]}

    async def wait(state: State) -> State:
        while True:
            answer = await call(
                tools["wait_task"], {"task": state["task"], "timeoutSeconds": 20})
            if content(answer)["done"]:
                return {"outcome": content(answer)}

    async def praise(state: State) -> State:
        return {"verdict": f"good: {state['outcome']['result']['score']}"}

    async def mend(state: State) -> State:
        return {"verdict": f"bad: {state['outcome']['failure']['exitCode']}"}

    def branch(state: State) -> str:
        return "praise" if state["outcome"]["succeeded"] else "mend"

    builder = StateGraph(State)
    for node in (submit, wait, praise, mend):
        builder.add_node(node.__name__, node)
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "wait")
    builder.add_conditional_edges("wait", branch, ["praise", "mend"])
    builder.add_edge("praise", END)
    builder.add_edge("mend", END)
    return builder.compile(checkpointer=InMemorySaver())


async def main() -> None:
    client = MultiServerMCPClient(
        {
            "swiftlet": {
                "transport": "streamable_http", "url": URL, "headers": headers(),
                "httpx_client_factory": factory,
            }
        })
    tools = {tool.name: tool for tool in await client.get_tools()}
    check("submit_task" in tools, f"the tools: {sorted(tools)}")
    passed("langchain-mcp-adapters: the tools")
    app = graph(tools)
    good = {"command": ["sh", "-c", "echo '{\"score\": 9}' > $SWIFTLET_RESULT"]}
    thread = {"configurable": {"thread_id": "good"}}
    first = await app.ainvoke(good, thread)
    check(first["verdict"] == "good: 9", f"a task that succeeded: {first}")
    again = await app.ainvoke(good, thread)
    check(again["task"] == first["task"], "the same thread is the same task")
    passed("langgraph: submitted, waited, went on with the result, once")
    bad = await app.ainvoke(
        {"command": ["sh", "-c", "exit 3"]}, {"configurable": {"thread_id": "bad"}})
    check(bad["verdict"] == "bad: 3", f"a task that failed: {bad}")
    passed("langgraph: took the other branch")


asyncio.run(main())
