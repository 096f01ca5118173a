"""fastmcp with its tasks: a call of submit_task is answered with a task of the protocol."""

import asyncio

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from fastmcp.exceptions import ToolError
from fastmcp_tasks.client import call_tool_task

from gateway import CA, URL, check, headers, passed, trust


async def main() -> None:
    transport = StreamableHttpTransport(URL, headers=headers(), verify=trust())
    async with Client(transport) as client:
        submit = {"command": ["sh", "-c", "echo '{\"n\": 7}' > $SWIFTLET_RESULT"]}
        task = await call_tool_task(client, "submit_task", submit)
        status = await task.status()
        check(status.status in ("working", "completed"), f"a new task works: {status.status}")
        result = await task.result()
        check(result.structured_content["result"] == {"n": 7}, f"the result: {result}")
        passed("fastmcp tasks: submitted, followed, result")

        whole = await client.call_tool("submit_task", submit)
        check(whole.structured_content["phase"] == "Succeeded", "a call that is driven to its end")
        passed("fastmcp tasks: driven without being asked")

        bad = await call_tool_task(
            client, "submit_task", {"command": ["false"], "maxRetries": 0}, raise_on_error=False
        )
        ended = await bad.result()
        check(ended.is_error, "a task that failed is an error")
        check(ended.structured_content["failure"]["exitCode"] == 1, f"and says why: {ended}")
        passed("fastmcp tasks: failed")

        sleeper = await call_tool_task(client, "submit_task", {"command": ["sleep", "600"]})
        await sleeper.cancel()
        for _ in range(100):
            status = await sleeper.status()
            if status.status == "cancelled":
                break
            await asyncio.sleep(0.2)
        check(status.status == "cancelled", f"a task that was called off: {status.status}")
        try:
            await sleeper.result()
            check(False, "a task that was called off has no result")
        except ToolError:
            pass
        passed("fastmcp tasks: called off")


check(CA, "there is an authority")
asyncio.run(main())
