import KubernetesCore
import Testing

struct TimestampTests {
    @Test func `times read back as they are written`() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0), ("2024-02-29T12:30:45Z", 1_709_209_845),
            ("1969-12-31T23:59:59Z", -1), ("2000-03-01T00:00:00+01:00", 951_865_200),
            ("2000-03-01T00:00:00.75-00:30", 951_870_600),
        ] as [(String, Int64)] {
            #expect(Timestamp(text)?.seconds == seconds, "\(text)")
        }
        #expect(
            Timestamp("2024-02-29T12:30:45.123456789Z")?.microText == "2024-02-29T12:30:45.123456Z")
        #expect(Timestamp("2024-02-29T12:30:45.5Z")?.milliText == "2024-02-29T12:30:45.500Z")
        for text in [
            "", "2024-02-30T00:00:00Z", "2024-02-29", "2024-02-29T24:00:00Z",
            "1600-01-01T00:00:00Z",
            "2024-02-29T00:00:00", "2024-02-29T00:00:00.Z", "9999-12-31T23:59:59Z",
            "2024-02-29T00:00:00+1:00",
        ] {
            #expect(Timestamp(text) == nil, "\(text)")
        }
    }

    @Test func `any time in the range reads back from its text`() {
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let days = Int64(random.next(200_000)) - 100_000
            let time = Timestamp(seconds: days * 86_400 + Int64(random.next(86_400)))
            #expect(Timestamp(time.description) == time, "seed \(seed)")
        }
    }

    @Test func `arithmetic is held inside the range`() {
        let last = Timestamp(nanoseconds: .max)
        #expect(last + .seconds(1) == last)
        #expect(Timestamp(nanoseconds: .min) - .seconds(1) == Timestamp(nanoseconds: .min))
        #expect(Timestamp(seconds: .max).nanoseconds == .max)
        #expect(Timestamp(seconds: 5) - Timestamp(seconds: 2) == .seconds(3))
        #expect(Instant(nanoseconds: 1) + .nanoseconds(2) == Instant(nanoseconds: 3))
        #expect(Instant(nanoseconds: .max) + .seconds(1) == Instant(nanoseconds: .max))
        let moment = Moment(instant: Instant(nanoseconds: 100), time: Timestamp(seconds: 1))
        #expect(moment.instant(at: Timestamp(seconds: 2)).nanoseconds == 1_000_000_100)
        #expect(Duration.seconds(2).inSeconds == 2)
    }

    @Test func `resource versions compare as KEP-5504 says`() {
        #expect(ResourceVersion("10").hasReached(ResourceVersion("9")) == true)
        #expect(ResourceVersion("9").hasReached(ResourceVersion("10")) == false)
        #expect(ResourceVersion("x").hasReached(ResourceVersion("x")) == true)
        #expect(ResourceVersion("x").hasReached(ResourceVersion("1")) == nil)
        #expect(ResourceVersion("01").number == nil)
        #expect(ResourceVersion("0").number == 0)
    }

    @Test func `metadata is read with owners and times`() throws {
        let node = try JSONDocument(
            parsing: """
                {"name":"a","namespace":"n","uid":"u","resourceVersion":"7","generation":2,
                "creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":null,
                "labels":{"x":"y"},"finalizers":["f"],"ownerReferences":[
                {"apiVersion":"v1","kind":"Pod","name":"p","uid":"1","controller":true}]}
                """
        ).root
        let metadata = try ObjectMeta(reading: node)
        #expect(metadata.controller?.uid == UID("1"))
        #expect(!metadata.isDeleting)
        #expect(metadata.resourceVersion.number == 7)
        #expect(metadata.labels == ["x": "y"])
        #expect(throws: JSONError.self) {
            try ObjectMeta(reading: JSONDocument(parsing: "{}").root)
        }
    }
}
