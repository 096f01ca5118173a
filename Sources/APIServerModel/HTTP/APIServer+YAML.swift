import KubernetesCore

extension APIServer {
    /// The request with a JSON body in place of one in YAML; as it is where it has none or where
    /// the text cannot be read.
    func translated(_ request: ServerRequest) -> ServerRequest {
        let type = MediaType(request.header("content-type") ?? "").type
        let isApply = type == "application/apply-patch+yaml"
        guard isApply || type == "application/yaml", request.body.count <= APIServer.bodyBytesMax,
            let read = configuration.yaml.read
        else { return request }
        var translated = request
        // JSON is YAML; what is JSON already keeps its text, which messages quote.
        if (try? JSONValue(parsing: request.body)) == nil {
            guard let value = read(request.body) else { return request }
            translated.body = value.encoded()
        }
        guard !isApply else { return translated }
        translated.headers.removeAll { $0.0 == "content-type" }
        translated.headers.append(("content-type", "application/json"))
        return translated
    }

    /// An answer in JSON as YAML; others as they are.
    func inYAML(_ reply: ServerReply) -> ServerReply {
        guard let write = configuration.yaml.write,
            case .response(let status, let headers, let body) = reply,
            headers.contains(where: { $0.0 == "content-type" && $0.1 == "application/json" }),
            let value = try? JSONValue(parsing: body)
        else { return reply }
        let rest = headers.filter { $0.0 != "content-type" }
        return .response(
            status: status, headers: [("content-type", "application/yaml")] + rest,
            body: Array(write(value).utf8))
    }
}
