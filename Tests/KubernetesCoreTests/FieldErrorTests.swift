import KubernetesCore
import Testing

struct FieldErrorTests {
    @Test func `messages read as those of a kube-apiserver`() {
        let path = FieldPath("spec").child("size")
        let cases: [(FieldError, String)] = [
            (.required(path), "spec.size: Required value"),
            (.required(path, "must be set"), "spec.size: Required value: must be set"),
            (.invalid(path, 11, "too much"), "spec.size: Invalid value: 11: too much"),
            (.invalid(path, 1.5, "bad"), "spec.size: Invalid value: 1.5: bad"),
            (.invalid(path, nil, "bad"), "spec.size: Invalid value: bad"),
            (.invalid(path, "a\"b", "bad"), "spec.size: Invalid value: \"a\\\"b\": bad"),
            (.duplicate(path[1], ["a": "b"]), "spec.size[1]: Duplicate value: {\"a\":\"b\"}"),
            (
                .notSupported(path, "odd", ["fast", "safe"]),
                "spec.size: Unsupported value: \"odd\": supported values: \"fast\", \"safe\""
            ),
            (.tooLong(path, limit: 20), "spec.size: Too long: may not be more than 20 bytes"),
            (.tooLong(path, limit: 1), "spec.size: Too long: may not be more than 1 byte"),
            (
                .tooMany(path, count: 5, limit: 4),
                "spec.size: Too many: 5: must have at most 4 items"
            ),
            (.forbidden(path, "no"), "spec.size: Forbidden: no"),
            (.notFound(path, "x"), "spec.size: Not found: \"x\""),
            (.internalError(path, "oops"), "spec.size: Internal error: oops"),
            (
                .rulesNotChecked,
                "<nil>: Invalid value: null: some validation rules were not checked because the "
                    + "object was invalid; correct the existing errors to complete validation"
            ),
        ]
        for (error, message) in cases { #expect(error.message == message) }
    }

    @Test func `an invalid object names its kind and each fault once`() {
        let fault = FieldError.required(FieldPath("spec.mode"))
        let one = InvalidObject(
            group: "example.dev", kind: "Widget", name: "a", errors: [fault, fault])
        #expect(one.message == "Widget.example.dev \"a\" is invalid: spec.mode: Required value")
        #expect(one.status.causes.count == 2)
        #expect(one.status.code == 422)
        let two = InvalidObject(
            group: "", kind: "Pod", name: "", errors: [fault, .rulesNotChecked])
        #expect(two.message.hasPrefix("Pod \"\" is invalid: [spec.mode: Required value, <nil>: "))
        #expect(two.json["details"]?["name"] == nil)
        #expect(two.json["details"]?["causes"]?.array?.count == 2)
    }
}
