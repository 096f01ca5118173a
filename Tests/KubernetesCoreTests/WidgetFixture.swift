import KubernetesCore

/// A schema with one of everything, for the tests of schemas, patches and server-side apply.
enum WidgetFixture {
    static let schemaText = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["mode"],
            "x-kubernetes-validations":[{"rule":"self.size <= self.max","message":"too big"}],
            "properties":{
              "size":{"type":"integer","format":"int32","minimum":0,"maximum":10,"default":3},
              "max":{"type":"integer"},
              "mode":{"type":"string","enum":["fast","safe"],
                "x-kubernetes-validations":[{"rule":"self == oldSelf","message":"is immutable"}]},
              "detail":{"type":"string","maxLength":20,"pattern":"^[a-z ]*$"},
              "limit":{"x-kubernetes-int-or-string":true},
              "tags":{"type":"array","maxItems":4,"x-kubernetes-list-type":"set",
                "items":{"type":"string"}},
              "parts":{"type":"array","x-kubernetes-list-type":"map",
                "x-kubernetes-list-map-keys":["name"],
                "items":{"type":"object","required":["name"],"properties":{
                  "name":{"type":"string"},
                  "count":{"type":"integer","default":1,
                    "x-kubernetes-validations":[{"rule":"self > 0"}]}}}},
              "labels":{"type":"object","additionalProperties":{"type":"string"}},
              "when":{"type":"string","format":"date-time"},
              "note":{"type":"string","nullable":true},
              "ratio":{"type":"number","multipleOf":0.5,"exclusiveMinimum":true,"minimum":0},
              "options":{"type":"object","minProperties":1,"maxProperties":2,"default":{},
                "properties":{"level":{"type":"integer","default":2},"a":{"type":"string"},
                  "b":{"type":"string"}}},
              "choice":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},
                "oneOf":[{"required":["x"]},{"required":["y"]}]},
              "template":{"type":"object","x-kubernetes-embedded-resource":true,
                "x-kubernetes-preserve-unknown-fields":true},
              "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
          "status":{"type":"object","properties":{"phase":{"type":"string"},
            "conditions":{"type":"array","x-kubernetes-list-type":"map",
              "x-kubernetes-list-map-keys":["type"],
              "items":{"type":"object","required":["type","status"],"properties":{
                "type":{"type":"string"},"status":{"type":"string"}}}}}}}}
        """

    static func schema() throws -> StructuralSchema {
        try StructuralSchema(reading: JSONValue(parsing: schemaText))
    }

    static func object(_ spec: String) throws -> JSONValue {
        try JSONValue(
            parsing: """
                {"apiVersion":"conf.example.dev/v1","kind":"Widget","metadata":{"name":"a"},
                "spec":\(spec)}
                """)
    }
}
