import CEL
import KubernetesCore

/// The functions that Kyverno adds to CEL.
///
/// Names are there in both of Kyverno's spellings, `resource.Get` and `resource.get`. What looks at
/// the world asks the scope of the evaluation: the cluster through the policy's surroundings;
/// `http` is always refused, for a verdict must not depend on a third party. What only other kinds
/// of Kyverno policies have, as `generator`, is not declared, so that a policy that uses it is
/// refused when it is loaded.
enum KyvernoLibrary {
    private static let image = CELType.opaque("kyverno.Image")
    private static let client = CELType.opaque("kyverno.HTTPClient")
    private static let resourceType = CELType.opaque("kyverno.GroupVersionResource")
    private static let serviceAccount = CELType.object(
        .object("kyverno.ServiceAccount", ["Name": .text, "Namespace": .text]))

    /// What asking the cluster costs: an expression can do it some thousands of times.
    private static let lookupCost: UInt64 = 100

    /// The functions of a policy of the whole cluster.
    static let cluster = library { library in
        let map = "map(string, dyn)"
        both(&library, "resource.Get", cost: lookupCost) {
            [
                "(string, string, string, string) -> \(map)",
                "(string, string, string, string, list(string)) -> \(map)",
                "(gvr, string, string) -> \(map)", "(gvr, string, string, list(string)) -> \(map)",
            ]
        }
        both(&library, "resource.List", cost: lookupCost) {
            [
                "(string, string, string) -> \(map)",
                "(string, string, string, map(string, string)) -> \(map)",
                "(gvr, string) -> \(map)", "(gvr, string, map(string, string)) -> \(map)",
            ]
        }
        both(&library, "resource.Post", cost: lookupCost) {
            [
                "(string, string, map(string, dyn)) -> \(map)",
                "(string, string, string, map(string, dyn)) -> \(map)",
            ]
        }
    }

    /// The functions of a policy that lives in a namespace and sees no other.
    static let namespaced = library { library in
        let map = "map(string, dyn)"
        both(&library, "resource.Get", cost: lookupCost) {
            [
                "(string, string, string) -> \(map)",
                "(string, string, string, list(string)) -> \(map)",
                "(gvr, string) -> \(map)", "(gvr, string, list(string)) -> \(map)",
            ]
        }
        both(&library, "resource.List", cost: lookupCost) {
            [
                "(string, string) -> \(map)",
                "(string, string, map(string, string)) -> \(map)", "(gvr) -> \(map)",
                "(gvr, map(string, string)) -> \(map)",
            ]
        }
        both(&library, "resource.Post", cost: lookupCost) {
            ["(string, string, map(string, dyn)) -> \(map)"]
        }
    }

    private static func library(_ resources: (inout CELLibrary) -> Void) -> CELLibrary {
        var library = CELLibrary(types: [
            "image": image, "client": client, "gvr": resourceType,
            "serviceaccount": serviceAccount,
        ])
        resources(&library)
        questions(&library)
        images(&library)
        texts(&library)
        values(&library)
        shared(&library)
        return library
    }

    /// A question in both spellings of its name.
    private static func both(
        _ library: inout CELLibrary, _ name: String, cost: UInt64 = 1,
        _ signatures: () -> [String]
    ) {
        let parts = name.split(separator: ".")
        var names = [name]
        if parts.count == 2, let first = parts[1].first {
            let lower =
                parts[1].allSatisfy(\.isUppercase)
                ? parts[1].lowercased() : first.lowercased() + parts[1].dropFirst()
            names.append("\(parts[0]).\(lower)")
        }
        library.ask(name, as: names, signatures(), cost: cost)
    }

    private static func questions(_ library: inout CELLibrary) {
        both(&library, "resource.ToGVR") { ["(string, string) -> gvr"] }
        both(&library, "globalContext.Get", cost: lookupCost) {
            ["(string) -> dyn", "(string, string) -> dyn"]
        }
        both(&library, "image.GetMetadata", cost: lookupCost) { ["(string) -> dyn"] }
        both(&library, "http.Get") {
            ["(string) -> dyn", "(string, map(string, string)) -> dyn"]
        }
        both(&library, "http.Post") {
            ["(string, dyn) -> dyn", "(string, dyn, map(string, string)) -> dyn"]
        }
        both(&library, "http.Put") {
            ["(string, dyn) -> dyn", "(string, dyn, map(string, string)) -> dyn"]
        }
        both(&library, "http.Client") { ["(string) -> client"] }
        for verb in ["Get", "get"] {
            library.ask(
                "http.Get", as: [verb],
                ["client.(string) -> dyn", "client.(string, map(string, string)) -> dyn"])
        }
        for verb in ["Post", "post", "Put", "put"] {
            library.ask(
                "http.Post", as: [verb],
                [
                    "client.(string, dyn) -> dyn",
                    "client.(string, dyn, map(string, string)) -> dyn",
                ])
        }
        library.ask("yaml.parse", as: ["yaml.parse"], ["(string) -> dyn"])
        library.ask("time.now", as: ["time.now"], ["() -> timestamp"])
        library.ask(
            "random", as: ["random", "random.random"], ["() -> string", "(string) -> string"])
    }

    // MARK: Images

    private static func images(_ library: inout CELLibrary) {
        library.define(["image", "parseImageReference"], ["(string) -> image"]) {
            arguments throws(CELError) in
            let text = try text(arguments)
            do throws(ImageReference.Fault) {
                return .opaque(.named("kyverno.Image", json(try ImageReference(text))))
            } catch {
                throw CELError(.evaluation, error.message)
            }
        }
        library.define(["isImage"], ["(string) -> bool"]) { arguments throws(CELError) in
            let text = try text(arguments)
            return .bool((try? ImageReference(text)) != nil)
        }
        for part in ["registry", "repository", "identifier", "tag", "digest"] {
            library.define([part], ["image.() -> string"]) { arguments throws(CELError) in
                .string(try member(part, arguments))
            }
        }
        library.define(["containsDigest"], ["image.() -> bool"]) { arguments throws(CELError) in
            .bool(try !member("digest", arguments).isEmpty)
        }
        library.define(["identifierWithSeparator"], ["image.() -> string"]) {
            arguments throws(CELError) in
            let digest = try member("digest", arguments)
            return .string(
                digest.isEmpty ? ":" + (try member("tag", arguments)) : "@" + digest)
        }
    }

    private static func json(_ image: ImageReference) -> JSONValue {
        [
            "registry": .string(image.registry), "repository": .string(image.repository),
            "identifier": .string(image.identifier), "tag": .string(image.tag),
            "digest": .string(image.digest),
        ]
    }

    private static func member(
        _ name: String, _ arguments: [CELValue]
    ) throws(CELError) -> String {
        guard case .opaque(.named(_, let json))? = arguments.first,
            let text = json[name]?.string
        else { throw CELError(.evaluation, "no such overload") }
        return text
    }

    /// The first argument, which must be a text.
    private static func text(_ arguments: [CELValue]) throws(CELError) -> String {
        guard case .string(let text)? = arguments.first else {
            throw CELError(.evaluation, "no such overload")
        }
        return text
    }

    // MARK: Texts

    private static func texts(_ library: inout CELLibrary) {
        library.define(
            ["parseServiceAccount", "user.parseServiceAccount"], ["(string) -> serviceaccount"]
        ) { arguments throws(CELError) in
            let prefix = "system:serviceaccount:"
            let user = try text(arguments)
            var parts: [Substring] = []
            if user.hasPrefix(prefix) {
                parts = user.dropFirst(prefix.count).split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            }
            let known = parts.count == 2
            return .map(
                CELMap([
                    "Namespace": .string(known ? String(parts[0]) : ""),
                    "Name": .string(known ? String(parts[1]) : ""),
                ]))
        }
        library.define(["json.unmarshal"], ["(string) -> dyn"]) { arguments throws(CELError) in
            let text = try text(arguments)
            do throws(JSONError) {
                return CELValue(try JSONValue(parsing: text))
            } catch {
                throw CELError(.evaluation, "json.unmarshal: \(error)")
            }
        }
        library.define(["json.marshal"], ["(dyn) -> string"]) { arguments throws(CELError) in
            guard let value = arguments.first else {
                throw CELError(.evaluation, "no such overload")
            }
            return .string(String(decoding: try value.json().encoded(), as: UTF8.self))
        }
    }

    // MARK: Numbers, times and maps

    private static func values(_ library: inout CELLibrary) {
        library.define(["math.round"], ["(double, int) -> double"]) {
            arguments throws(CELError) in
            guard arguments.count == 2, case .double(let number) = arguments[0],
                case .int(let places) = arguments[1]
            else { throw CELError(.evaluation, "no such overload") }
            return .double(rounded(number, places))
        }
        library.define(["time.truncate"], ["(timestamp, duration) -> timestamp"]) {
            arguments throws(CELError) in
            guard arguments.count == 2, case .timestamp(let time) = arguments[0],
                case .duration(let step) = arguments[1]
            else { throw CELError(.evaluation, "no such overload") }
            return .timestamp(truncated(time, step))
        }
        library.define(["time.toCron"], ["(timestamp) -> string"]) {
            arguments throws(CELError) in
            guard case .timestamp(let time)? = arguments.first else {
                throw CELError(.evaluation, "no such overload")
            }
            return .string(time.cron)
        }
        library.define(
            ["listObjToMap", "transform.listObjToMap"],
            ["(list(dyn), list(dyn), string, string) -> map(dyn, dyn)"], pairs)
    }

    /// `number` to `places` digits behind the point.
    private static func rounded(_ number: Double, _ places: Int64) -> Double {
        var shift = 1.0
        for _ in 0..<min(places.magnitude, 400) { shift *= 10 }
        return places >= 0
            ? (number * shift).rounded(.toNearestOrAwayFromZero) / shift
            : (number / shift).rounded(.toNearestOrAwayFromZero) * shift
    }

    /// The last whole multiple of `step` since the year 1 that is not later than `time`.
    private static func truncated(_ time: CELTimestamp, _ step: Int64) -> CELTimestamp {
        guard step > 0 else { return time }
        let yearOne: Int64 = -62_135_596_800
        let seconds = Int128(time.seconds - yearOne) * 1_000_000_000 + Int128(time.nanoseconds)
        let whole = seconds - seconds % Int128(step)
        return CELTimestamp(
            seconds: Int64(whole / 1_000_000_000) + yearOne,
            nanoseconds: Int32(whole % 1_000_000_000), offset: time.offset) ?? time
    }

    /// Pairs the objects of two lists: the key from the one, the value from the other.
    private static func pairs(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        guard arguments.count == 4, let keys = try arguments[0].json().array,
            let values = try arguments[1].json().array, case .string(let keyName) = arguments[2],
            case .string(let valueName) = arguments[3]
        else { throw CELError(.evaluation, "no such overload") }
        guard keys.count == values.count else {
            throw CELError(
                .evaluation,
                "listObjToMap: the lists have \(keys.count) and \(values.count) elements")
        }
        var members: [(String, JSONValue)] = []
        for (key, value) in zip(keys, values) {
            guard let name = key[keyName]?.string, let found = value[valueName] else {
                throw CELError(
                    .evaluation,
                    "listObjToMap: an element has no \"\(keyName)\" or no \"\(valueName)\"")
            }
            members.append((name, found))
        }
        return CELValue(.object(JSONObject(members)))
    }
}
