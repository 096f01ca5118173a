import Testing

/// A seed that broke an invariant once, and what was wrong. Every change of the model draws other
/// runs, so that a seed tells the story that it told then only until the next one: what was found
/// is pinned by the unit test that is named. The seeds are kept because they cost next to nothing.
struct RegressionSeed: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let found: String

    var testDescription: String { "seed \(seed): \(found)" }

    static let all: [RegressionSeed] = [
        RegressionSeed(
            seed: 11,
            found: "a standby that came to lead took every running attempt for lost at once, "
                + "because no agent had called it before (SilenceTests)"),
        RegressionSeed(
            seed: 20,
            found: "a wall clock that was set forward made busy agents look silent, and they "
                + "were deleted (SilenceTests)"),
        RegressionSeed(
            seed: 27,
            found: "a process that had just come to lead told agents to give up attempts that the "
                + "one before it had handed out, because it had not seen them yet "
                + "(LeaseProjectionTests)"),
        RegressionSeed(
            seed: 82,
            found: "a leader that had stood still made the same plan thousands of times a second "
                + "until its election woke up, because each met a leadership about to end "
                + "(ControllerMachineTests)"),
        RegressionSeed(
            seed: 409,
            found: "what was learned about a pool that was being deleted, or that had to be told "
                + "within two seconds of another telling, woke its machine at once, again and "
                + "again (StatisticsMachineTests)"),
        RegressionSeed(
            seed: 1_029,
            found: "a clock that was minutes ahead of the server's took agents whose deletion had "
                + "been asked for a moment ago for ones on dead nodes, and two others were made "
                + "in their place (PodSightingTests)"),
        RegressionSeed(
            seed: 1_269,
            found: "a clock was set back, and what was written between that and the next look at "
                + "it was taken for older by as much, so that an attempt was overdue at once "
                + "(ClockStepTests)"),
        RegressionSeed(
            seed: 1_390,
            found: "a retry whose wait had been written down by a clock that was five minutes "
                + "ahead waited five minutes longer (TaskReconcilerTests)"),
        RegressionSeed(
            seed: 169,
            found: "while the one agent of an Ephemeral pool was busy and of an older template, "
                + "another was made and ended again, four times a second (PoolRecycleTests)"),
        RegressionSeed(
            seed: 1_065,
            found: "an agent of an Ephemeral pool was given another attempt once the task of its "
                + "first one had been deleted (PoolRecycleTests)"),
        RegressionSeed(
            seed: 180,
            found: "a runner that was started again before it got an attempt, by a node whose "
                + "clock was ahead, was taken to have been killed in the attempt (TaskAgentTests)"),
        RegressionSeed(
            seed: 508,
            found: "a new leader whose tasks were behind gave an agent more than it had slots for, "
                + "though the agent had said what it held (SchedulerMachineTests)"),
        RegressionSeed(
            seed: 981,
            found: "a process that was started anew had the name in the election that the one "
                + "before it had, took its lease back at once and gave it away while a write of "
                + "that one was on its way (LeaseMachineTests, CrashTests)"),
    ]
}
