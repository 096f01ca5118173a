import KubernetesCore
import Testing

struct QuantityTests {
    @Test func `texts become canonical`() throws {
        let cases = [
            ("0", "0"), ("1", "1"), ("100m", "100m"), ("0.5", "500m"), ("1.5", "1500m"),
            ("1000", "1k"), ("1500", "1500"), ("1000m", "1"), ("1k", "1k"), ("1.5k", "1500"),
            ("1Ki", "1Ki"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("512", "512"),
            ("0.5Ki", "512"), ("0.5Mi", "512Ki"), ("1e3", "1e3"), ("1E3", "1e3"), ("12e2", "1200"),
            ("1E", "1E"), ("-1", "-1"), ("+2", "2"), ("-0.5", "-500m"), (".5", "500m"),
            ("5.", "5"), ("1n", "1n"), ("0.0000000001", "1n"), ("-0.0000000001", "-1n"),
            ("1u", "1u"), ("100Ei", "9223372036854775807"),
            ("0.000Ki", "0"), ("1e-3", "1e-3"),
            ("99999999999999999999999999999999999999999999", "9223372036854775807"),
        ]
        for (text, expected) in cases {
            #expect(try Quantity(text).description == expected, "\(text)")
            #expect(try Quantity(expected) == Quantity(text), "\(text)")
        }
        // A share of a byte counts as a whole one where the text shows bytes.
        #expect(try Quantity("0.3Gi").description == "322122548")
        #expect(try Quantity("1e100") == Quantity("100Ei"))
    }

    @Test func `what is no quantity is refused`() {
        for (text, error) in [
            ("", QuantityError.format), ("x", .format), ("-", .format), (".", .format),
            ("1x", .suffix), ("1ki", .suffix), ("1 Gi", .suffix), ("1ee3", .suffix),
            ("1e", .suffix), ("1KiB", .suffix), ("--1", .format), ("1.2.3", .suffix),
        ] {
            #expect(throws: error, "\(text)") { try Quantity(text) }
        }
    }

    @Test func `arithmetic is exact and never traps`() throws {
        let half = try Quantity("500m")
        #expect((half + half).description == "1")
        #expect((half - Quantity(2)).description == "-1500m")
        #expect(try (Quantity("1Gi") + Quantity("1Mi")).description == "1025Mi")
        #expect(try (Quantity.zero + Quantity("1Gi")).description == "1Gi")
        let most = try Quantity("100Ei")
        #expect((most + most) == most)
        #expect((Quantity.zero - most - most).value == -Int64.max)
        #expect(half < Quantity(1))
        #expect(half.value == 1)
        #expect(half.milliValue == 500)
        #expect(try Quantity("0.0001").milliValue == 1)
        #expect(half.scaled(by: 1.2).description == "600m")
        #expect(half.scaled(by: .nan).isZero)
        #expect(most.scaled(by: .infinity) == most)
        #expect(most.scaled(by: -2).isNegative)
        #expect(Quantity(milli: 250).inDouble == 0.25)
        #expect(try Quantity(reading: 3).description == "3")
        #expect(try Quantity(reading: 0.25).description == "250m")
        #expect(try Quantity(reading: "2Ki").json == "2Ki")
        #expect(throws: QuantityError.format) { try Quantity(reading: true) }
    }

    @Test func `any text either is refused or reads back from its canonical form`() {
        let alphabet = Array("0123456789.+-eEinumkKMGTP")
        for seed in 0..<3_000 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            var text = ""
            for _ in 0..<(1 + random.next(8)) { text.append(alphabet[random.next(alphabet.count)]) }
            guard let quantity = try? Quantity(text) else { continue }
            let again = try? Quantity(quantity.description)
            #expect(again?.description == quantity.description, "seed \(seed): \(text)")
        }
    }

    @Test func `shares of a total round as asked`() {
        let cases: [(JSONValue, Int, Int, Int)] = [
            (1, 10, 1, 1), ("25%", 10, 2, 3), ("0%", 10, 0, 0), ("100%", 7, 7, 7),
            ("50%", 1, 0, 1), (-1, 10, -1, -1),
        ]
        for (json, total, down, up) in cases {
            let value = IntOrPercent(reading: json)
            #expect(value?.resolved(of: total, roundingUp: false) == down)
            #expect(value?.resolved(of: total, roundingUp: true) == up)
            #expect(value?.json == json)
        }
        for json in ["x", "%", "1", "-1%", "1.5%", .null, 1.5] as [JSONValue] {
            #expect(IntOrPercent(reading: json) == nil)
        }
        #expect(IntOrPercent.percent(.max).resolved(of: 3, roundingUp: true) == .max)
    }
}
