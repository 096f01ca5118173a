import CivilCalendar
import KubernetesCore

/// Kyverno's functions of times and durations. A time is a text of RFC 3339 where no layout says
/// otherwise, and keeps the offset that it was written with.
enum KyvernoTimeFunctions {
    static let all: [Function] =
        moments + comparisons + [
            Function("time_add", [.string, .string]) { a, _ throws(JMESPathError) in
                .string(try time(a, 0).adding(try duration(a, 1)).text)
            },
            Function("time_truncate", [.string, .string]) { a, _ throws(JMESPathError) in
                .string(try time(a, 0).truncated(to: try duration(a, 1)).text)
            },
            Function("time_diff", [.string, .string]) { a, _ throws(JMESPathError) in
                let start = try time(a, 0)
                return .string(try time(a, 1).since(start).text)
            },
            Function("time_since", [.string, .string, .string]) { a, run throws(JMESPathError) in
                let layout = a.text(0).isEmpty ? GoTimeLayout.rfc3339 : try layout(a)
                let start = try time(a, 1, layout)
                let isOpen = a.text(2).isEmpty
                let end = isOpen ? GoTime(run.environment.now) : try time(a, 2, layout)
                return .string(end.since(start).text)
            },
        ]

    private static let moments: [Function] = [
        Function("time_now", []) { _, run throws(JMESPathError) in
            .string(GoTime(run.environment.now).text)
        },
        Function("time_now_utc", []) { _, run throws(JMESPathError) in
            .string(GoTime(run.environment.now).text)
        },
        Function("time_utc", [.string]) { a, _ throws(JMESPathError) in
            var time = try time(a, 0)
            time.offset = 0
            return .string(time.text)
        },
        Function("time_to_cron", [.string]) { a, _ throws(JMESPathError) in
            let fields = try time(a, 0).fields
            return .string(
                "\(fields.minute) \(fields.hour) \(fields.day) \(fields.month) \(fields.weekday)")
        },
        Function("time_parse", [.string, .string]) { a, _ throws(JMESPathError) in
            // A number as the layout means seconds since 1970.
            guard Int64(a.text(0)) != nil else {
                return .string(try time(a, 1, try layout(a)).text)
            }
            guard let seconds = Int64(a.text(1)), seconds.magnitude < 1 << 40 else {
                throw a.function.invalid("\"\(a.text(1).prefix(50))\" is no number of seconds")
            }
            return .string(GoTime(seconds: seconds).text)
        },
    ]

    private static let comparisons: [Function] = [
        Function("time_before", [.string, .string]) { a, _ throws(JMESPathError) in
            let first = try time(a, 0)
            return .bool(first.isBefore(try time(a, 1)))
        },
        Function("time_after", [.string, .string]) { a, _ throws(JMESPathError) in
            let first = try time(a, 0)
            return .bool(try time(a, 1).isBefore(first))
        },
        Function("time_between", [.string, .string, .string]) { a, _ throws(JMESPathError) in
            let (moment, start, end) = (try time(a, 0), try time(a, 1), try time(a, 2))
            return .bool(start.isBefore(moment) && moment.isBefore(end))
        },
    ]

    private static func layout(_ a: Arguments) throws(JMESPathError) -> GoTimeLayout {
        guard a.text(0).utf8.count <= 1_000 else {
            throw a.function.invalid("the layout has more than 1000 bytes")
        }
        return GoTimeLayout(a.text(0))
    }

    private static func time(
        _ a: Arguments, _ index: Int, _ layout: GoTimeLayout = .rfc3339
    ) throws(JMESPathError) -> GoTime {
        guard a.text(index).utf8.count <= 1_000, let time = layout.read(a.text(index)) else {
            throw a.function.invalid(
                "\"\(a.text(index).prefix(50))\" is no time in the layout that is asked for")
        }
        return time
    }

    private static func duration(_ a: Arguments, _ index: Int) throws(JMESPathError) -> GoDuration {
        guard a.text(index).utf8.count <= 400, let duration = GoDuration(a.text(index)) else {
            throw a.function.invalid("\"\(a.text(index).prefix(50))\" is no duration such as 1h30m")
        }
        return duration
    }
}
