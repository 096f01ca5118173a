public import KubernetesCore
import SwiftletAPI

/// Writes spans as a request of the OpenTelemetry protocol (OTLP 1.x, JSON over HTTP).
public enum TraceExport {
    /// The path below an endpoint that takes traces.
    public static let path = "/v1/traces"

    /// The body of an export.
    /// - Parameter instance: which process of the operator sends it.
    public static func body(_ spans: [Span], instance: String) -> JSONValue {
        let resource = [
            Span.Attribute("service.name", "swiftlet-operator"),
            Span.Attribute("service.version", .string(SwiftletVersion.current)),
            Span.Attribute("service.instance.id", .string(instance)),
        ]
        return [
            "resourceSpans": [
                [
                    "resource": ["attributes": .array(resource.map(json))],
                    "scopeSpans": [
                        [
                            "scope": [
                                "name": "swiftlet", "version": .string(SwiftletVersion.current),
                            ],
                            "spans": .array(spans.map(json)),
                        ]
                    ],
                ]
            ]
        ]
    }

    /// Whether an answer asks for the same request again later (the protocol's retryable codes).
    public static func isRetryable(status: Int) -> Bool { [429, 502, 503, 504].contains(status) }

    private static func json(_ span: Span) -> JSONValue {
        var result: JSONValue = [
            "traceId": .string(span.context.traceID), "spanId": .string(span.context.spanID),
            "name": .string(span.name),
            // Internal work: neither the side that calls nor the one that is called.
            "kind": 1,
            "startTimeUnixNano": .string(String(span.start.nanoseconds)),
            "endTimeUnixNano": .string(String(span.end.nanoseconds)),
            "attributes": .array(span.attributes.map(json)),
        ]
        if let parent = span.parent { result["parentSpanId"] = .string(parent) }
        if let fault = span.fault { result["status"] = ["code": 2, "message": .string(fault)] }
        return result
    }

    private static func json(_ attribute: Span.Attribute) -> JSONValue {
        let value: JSONValue =
            switch attribute.value {
            // The protocol's JSON writes 64-bit numbers as texts.
            case .integer(let number): ["intValue": .string(String(number))]
            case .bool(let truth): ["boolValue": .bool(truth)]
            case .string(let text): ["stringValue": .string(text)]
            default: ["stringValue": .string(attribute.value.text)]
            }
        return ["key": .string(attribute.name), "value": value]
    }
}
