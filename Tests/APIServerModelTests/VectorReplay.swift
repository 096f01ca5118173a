import APIServerModel
import KubernetesCore

/// Replays conformance vectors, which were recorded from a real API server, against the model.
///
/// What is compared is what the recorder's own replay compares: the status, the content type where
/// a step asks for it, and the whole body, in which identities, times, versions and generated
/// suffixes are replaced by placeholders.
struct VectorReplay {
    static let adminToken = "the-administrator"

    var server = APIServer(
        configuration: APIServerConfiguration(adminToken: VectorReplay.adminToken))
    var now = Timestamp(seconds: 1_767_225_600)
    private var names: [(String, String)] = []
    private var runs = 0

    /// Runs one case; returns the first difference, nil where there is none.
    mutating func run(_ vector: JSONValue) -> String? {
        runs += 1
        let suffix = String(0x100000 + runs, radix: 16)
        let name = vector["name"]?.string ?? ""
        names = [("ns", "conf-" + name.prefix(40) + "-" + suffix)]
        let namespace = names[0].1
        _ = runStep([
            "method": "POST", "path": "/api/v1/namespaces",
            "body": [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(namespace)],
            ],
        ])
        defer {
            for step in vector["teardown"]?.array ?? [] { _ = runStep(step) }
            _ = runStep([
                "method": "DELETE", "path": .string("/api/v1/namespaces/" + namespace),
            ])
        }
        for step in vector["setup"]?.array ?? [] { _ = runStep(step) }
        for (index, step) in (vector["steps"]?.array ?? []).enumerated() {
            let got = runStep(step)
            if let fault = compare(step, got) {
                return "step \(index + 1) \(step["method"]?.string ?? "") "
                    + "\(step["path"]?.string ?? ""): \(fault)"
            }
        }
        return nil
    }

    private struct Answer {
        var status: Int
        var body: JSONValue
        var raw: JSONValue?
        var contentType: String?
    }

    private func compare(_ step: JSONValue, _ got: Answer) -> String? {
        guard let want = step["expect"] else { return nil }
        let unordered = (step["unordered"]?.array ?? []).compactMap(\.string)
        let body = VectorShape.sorted(unname(got.body), unordered)
        guard want["status"] == .int(got.status) else {
            return "status: want \(want["status"]?.text ?? "") got \(got.status) "
                + body.text.prefix(300)
        }
        if want["contentType"]?.string != got.contentType {
            return "contentType: want \(want["contentType"]?.text ?? "") got "
                + (got.contentType ?? "none")
        }
        return VectorShape.difference(
            VectorShape.sorted(want["body"] ?? .null, unordered), body)
    }

    private mutating func runStep(_ step: JSONValue) -> Answer {
        var bare = step
        bare["expect"] = nil
        bare["save"] = nil
        bare["note"] = nil
        let given = substitute(bare)
        let deadline = now + .seconds(given["retrySeconds"]?.integer ?? 0)
        var got = once(given)
        while let wanted = given["retryUntil"]?.integer, got.status != Int(wanted),
            now <= deadline
        {
            pass(.milliseconds(100))
            got = once(given)
        }
        for (name, path) in step["save"]?.object ?? [:] {
            guard let value = VectorShape.dig(got.raw, path.string ?? "") else { continue }
            names.append((name, value.string ?? value.text))
        }
        return got
    }

    private mutating func pass(_ duration: Duration) {
        now = now + duration
        _ = server.tick(at: now)
    }

    private mutating func once(_ step: JSONValue) -> Answer {
        if let seconds = step["sleep"]?.double { pass(.seconds(seconds)) }
        let method = step["method"]?.string ?? "GET"
        let isWatch = method == "WATCH"
        var fields: [String: String] = [
            "authorization": "Bearer " + VectorReplay.adminToken, "accept": "application/json",
        ]
        for (name, value) in step["headers"]?.object ?? [:] {
            fields[name.lowercased()] = value.string
        }
        var body: [UInt8] = []
        if !isWatch, let given = step["body"], !given.isNull {
            body = given.string.map { Array($0.utf8) } ?? given.encoded()
            if fields["content-type"] == nil { fields["content-type"] = "application/json" }
        }
        let reply = server.handle(
            ServerRequest(
                method: isWatch ? "GET" : method,
                path: (step["path"]?.string ?? "").split(separator: " ").joined(separator: "%20"),
                headers: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
                body: body), at: now)
        _ = server.tick(at: now)
        switch reply {
        case .response(let status, let headers, let bytes):
            return answer(step, status, headers, bytes)
        case .watch(let id, _): return follow(id, step)
        case .podLogs: return Answer(status: 200, body: .null)
        }
    }

    private func answer(
        _ step: JSONValue, _ status: Int, _ headers: [(String, String)], _ bytes: [UInt8]
    ) -> Answer {
        let raw: JSONValue? =
            bytes.isEmpty
            ? nil
            : (try? JSONValue(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
        var answer = Answer(
            status: status, body: VectorShape.shape(step, raw ?? .null), raw: raw)
        if step["contentType"] != nil {
            answer.contentType = headers.first { $0.0 == "content-type" }.map {
                String($0.1.filter { $0 != " " })
            }
        }
        return answer
    }

    private mutating func follow(_ id: WatchID, _ step: JSONValue) -> Answer {
        let until = Int(step["until"]?.integer ?? 1_000)
        let deadline = now + .seconds(step["seconds"]?.integer ?? 3)
        var events: [JSONValue] = []
        reading: while now <= deadline {
            for output in server.takeFrames() where output.watch == id {
                for frame in output.frames {
                    guard let event = try? JSONValue(parsing: frame) else { continue }
                    let type = event["type"]?.string ?? ""
                    if type == "BOOKMARK", step["bookmarks"]?.bool != true { continue }
                    events.append([
                        "type": .string(type),
                        "object": VectorShape.shape(step, event["object"] ?? .null),
                    ])
                    if events.count >= until { break reading }
                }
                if output.ended { break reading }
            }
            pass(.milliseconds(100))
        }
        server.cancelWatch(id)
        return Answer(status: 200, body: .array(events))
    }

    private func substitute(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(var text):
            for (name, replacement) in names {
                text = VectorShape.replace("{\(name)}", with: replacement, in: text)
            }
            return .string(text)
        case .array(let elements): return .array(elements.map(substitute))
        case .object(let members):
            return .object(
                JSONObject(
                    members.map { key, value in
                        (substitute(.string(key)).string ?? key, substitute(value))
                    }))
        default: return value
        }
    }

    /// The body with the namespace's name put back into its placeholder.
    private func unname(_ value: JSONValue) -> JSONValue {
        let text = VectorShape.replace(names[0].1, with: "{ns}", in: value.text)
        return (try? JSONValue(parsing: text)) ?? value
    }
}
