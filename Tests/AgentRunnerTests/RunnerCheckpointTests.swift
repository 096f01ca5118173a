import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentRunner

struct RunnerCheckpointTests {
    private let first = LeaseID(taskUID: UID("t1"), attempt: 1)
    private let second = LeaseID(taskUID: UID("t1"), attempt: 2)

    /// Counts up in the checkpoint folder; fails at 3, succeeds at 6.
    private let counting = RunnerScene.script(
        """
        file=$SWIFTLET_CHECKPOINT_DIR/sub/count
        mkdir -p $SWIFTLET_CHECKPOINT_DIR/sub
        count=$(cat $file 2>/dev/null || echo 0)
        echo "from $count"
        while [ $count -lt 6 ]; do
            count=$((count + 1)); echo $count > $file.tmp; mv $file.tmp $file
            [ $count = 3 ] && exit 1
        done
        exit 0
        """)

    @Test func `an attempt goes on where the last one was saved`() async throws {
        try await RunnerScene.run { scene in
            await scene.gateway.give(first, counting)
            let failed = try #require(await scene.gateway.report(of: first))
            #expect(failed.outcome == AttemptOutcome(.exited(1)))
            let saved = try #require(failed.checkpoint)
            #expect(await scene.gateway.checkpoint(UID("t1"))?.digest == saved.digest)
            var again = counting
            again.restore = saved.checkpoint
            await scene.gateway.give(second, again)
            let done = try #require(await scene.gateway.report(of: second))
            #expect(done.outcome == AttemptOutcome(.exited(0)))
            #expect(done.logTail == "from 3")
        }
    }

    @Test func `a checkpoint that the task's status does not know yet is found`() async throws {
        try await RunnerScene.run { scene in
            await scene.gateway.give(first, counting)
            _ = await scene.gateway.report(of: first)
            await scene.gateway.give(second, counting)
            let done = try #require(await scene.gateway.report(of: second))
            #expect(done.logTail == "from 3")
        }
    }

    @Test func `a damaged checkpoint is not restored, and that is said`() async throws {
        try await RunnerScene.run { scene in
            await scene.gateway.give(first, counting)
            let failed = try #require(await scene.gateway.report(of: first))
            await scene.gateway.damage(UID("t1"))
            var again = counting
            again.restore = failed.checkpoint?.checkpoint
            await scene.gateway.give(second, again)
            let done = try #require(await scene.gateway.report(of: second))
            #expect(done.logTail == "from 0")
            #expect(done.message.contains("starts clean"))
            #expect(done.message.contains("damaged"))
        }
    }

    @Test func `an attempt whose folder cannot be emptied of a broken restore does not begin`()
        async throws
    {
        try await RunnerScene.run { scene in
            await scene.gateway.give(first, counting)
            let failed = try #require(await scene.gateway.report(of: first))
            await scene.gateway.damage(UID("t1"))
            let folder = AttemptFolder(second, in: scene.root + "/work")
            await scene.gateway.beforeRestores {
                Files.remove(folder.root)
                try Files.create(folder.root, [])
            }
            var again = RunnerScene.script("touch \(scene.root)/began")
            again.restore = failed.checkpoint?.checkpoint
            await scene.gateway.give(second, again)
            let done = try #require(await scene.gateway.report(of: second))
            #expect(done.outcome?.isSuccess == false)
            #expect(done.message.contains(folder.checkpoint))
            #expect(try Files.read(scene.root + "/began", bytesMax: 1) == nil)
        }
    }

    @Test func `a record of a commit that cannot be kept is said, and the attempt goes on`()
        async throws
    {
        try await RunnerScene.run { scene in
            let report = try #require(
                await scene.report(
                    on: RunnerScene.script(
                        """
                        mkdir $SWIFTLET_CHECKPOINT_DIR/../commit.json
                        echo 1 > $SWIFTLET_CHECKPOINT_DIR/x
                        exit 1
                        """)))
            #expect(report.outcome == AttemptOutcome(.exited(1)))
            #expect(report.checkpoint?.sequence == 1)
            let said = scene.log.lines.filter { $0["level"] == "warning" }.map(\.text).joined()
            #expect(said.contains("the record of checkpoint 1 cannot be kept"))
        }
    }

    @Test func `a missing checkpoint is said`() async throws {
        try await RunnerScene.run { scene in
            var again = counting
            again.restore = CheckpointRef(sequence: 4, bytes: 1, digest: "sha256:00")
            await scene.gateway.give(second, again)
            let done = try #require(await scene.gateway.report(of: second))
            #expect(done.message.contains("checkpoint 4 is gone"))
        }
    }

    @Test func `work in progress is saved while it runs`() async throws {
        try await RunnerScene.run { scene in
            await scene.gateway.give(
                first,
                RunnerScene.script(
                    """
                    echo 1 > $SWIFTLET_CHECKPOINT_DIR/x
                    while [ ! -e \(scene.root)/go ]; do sleep 0.05; done
                    """
                )
            )
            await scene.gateway.until { gateway in
                gateway.assumeIsolated { $0.latest?.reports.first?.checkpoint != nil }
            }
            #expect(await scene.gateway.checkpoint(UID("t1"))?.sequence == 1)
            try Files.create(scene.root + "/go", [])
            #expect(await scene.gateway.report(of: first)?.outcome?.isSuccess == true)
            #expect(await scene.gateway.checkpoint(UID("t1"))?.sequence == 1)
        }
    }

    @Test func `a folder that no checkpoint can hold is refused with a reason`() async throws {
        try await RunnerScene.run { scene in
            await scene.gateway.give(
                first, RunnerScene.script("ln -s /etc $SWIFTLET_CHECKPOINT_DIR/etc; exit 1"))
            let report = try #require(await scene.gateway.report(of: first))
            #expect(report.message.contains("etc, which is neither a file nor a folder"))
            #expect(await scene.gateway.checkpoint(UID("t1")) == nil)
        }
    }
}
