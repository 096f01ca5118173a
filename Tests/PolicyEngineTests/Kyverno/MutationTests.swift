import KubernetesCore
import PolicyEngine
import Testing
import YAMLReading

@Suite struct MutationTests {
    private func mutated(
        _ mutate: String, _ object: String = KyvernoFixture.pod,
        _ extent: PolicyMutation.Extent = .everything
    ) throws -> PolicyMutation {
        let rule = "mutate:\n" + KyvernoFixture.indented(mutate, by: 2)
        let set = try KyvernoFixture.set(KyvernoFixture.policy(rule))
        #expect(set.problems == [])
        var surroundings = PolicySurroundings(now: KyvernoFixture.now)
        surroundings.parseYAML = { try? YAMLText.read($0).first }
        return set.mutated(try KyvernoFixture.request(object), surroundings, extent)
    }

    private func spec(_ patch: String) throws -> JSONValue? {
        let result = try mutated(
            "patchStrategicMerge:\n  spec:\n" + KyvernoFixture.indented(patch, by: 4))
        return result.object["spec"]
    }

    @Test func `what is missing is added, and what is there is kept`() throws {
        let patch = """
            patchStrategicMerge:
              metadata:
                labels:
                  +(app): other
                  +(team): a
              spec:
                +(automountServiceAccountToken): false
                +(securityContext):
                  runAsNonRoot: true
            """
        let result = try mutated(patch)
        #expect(
            result.object["metadata"]?["labels"] == ["app": "web", "team": "a", "tier": "front"])
        #expect(result.object["spec"]?["automountServiceAccountToken"] == false)
        #expect(result.object["spec"]?["securityContext"] == ["runAsNonRoot": true])
        #expect(result.results.map(\.outcome) == [.pass])
        let again = try mutated(patch, result.object.text)
        #expect(again.object == result.object)
        #expect(again.results.map(\.outcome) == [.skip])
    }

    @Test func `templates of lists meet the elements that they are for`() throws {
        let patch = """
            containers:
            - (image): "ghcr.io/*"
              imagePullPolicy: Always
            - (name): "*"
              resources:
                +(requests): {cpu: 1m}
            """
        let containers = try spec(patch)?["containers"]?.array
        #expect(containers?.map { $0["imagePullPolicy"] } == ["Always", nil])
        #expect(containers?.map { $0["resources"]?["requests"]?["cpu"] } == ["1m", "1m"])
        #expect(containers?.first?["resources"]?["limits"]?["cpu"] == "2")
    }

    @Test func `a condition that does not hold stops its part, a global one the whole`() throws {
        let part = """
            (hostNetwork): true
            dnsPolicy: None
            """
        #expect(try spec(part)?["dnsPolicy"] == nil)
        #expect(try spec(part.replacing("true", with: "false"))?["dnsPolicy"] == "None")
        let whole = """
            dnsPolicy: None
            containers:
            - <(image): "none/*"
              name: "x"
            """
        #expect(try spec(whole)?["dnsPolicy"] == nil)
    }

    @Test func `lists are merged by their keys, with new elements in front`() throws {
        let patch = """
            containers:
            - name: side
              env: [{name: A, value: b}]
            - {name: new, image: x}
            tolerations: [{key: a}]
            """
        let result = try spec(patch)
        #expect(result?["containers"]?.array?.map { $0["name"] } == ["new", "main", "side"])
        #expect(result?["containers"]?[2]?["image"] == "nginx")
        #expect(result?["containers"]?[2]?["env"] == [["name": "A", "value": "b"]])
        #expect(result?["tolerations"] == [["key": "a"]])
        let without = try spec("hostNetwork: null\ncontainers: [{name: side, $patch: delete}]")
        #expect(without?["hostNetwork"] == nil)
        #expect(without?["containers"]?.array?.count == 1)
    }

    @Test(
        arguments: [
            ("[{op: add, path: /metadata/labels/x, value: \"{{ request.operation }}\"}]", true),
            ("[{op: add, path: /spec/tolerations/-, value: {key: a}}]", true),
            ("[{op: remove, path: /spec/gone}]", false),
            ("[{op: replace, path: /metadata/name, value: x}]", true),
            ("[{op: replace, path: /spec/gone, value: x}]", nil),
            ("[{op: test, path: /metadata/name, value: web}]", false),
            ("[{op: test, path: /metadata/name, value: x}]", nil),
            ("[{op: copy, from: /metadata/name, path: /metadata/labels/n}]", true),
            ("[{op: move, from: /metadata/labels/app, path: /metadata/labels/n}]", true),
            ("[{op: jump, path: /a}]", nil), ("[{op: add}]", nil), ("{a: b}", nil),
            ("[{op: add, path: /spec/containers/-1/tty, value: true}]", true),
        ] as [(String, Bool?)])
    func `JSON patches`(_ operations: String, _ changes: Bool?) throws {
        let result = try mutated("patchesJson6902: |-\n  \(operations)")
        let expected: PolicyResult.Outcome =
            switch changes {
            case true?: .pass
            case false?: .skip
            case nil: .error
            }
        #expect(result.results.first?.outcome == expected, "\(result.results)")
    }

    @Test func `every element of a list can be patched`() throws {
        let result = try mutated(
            """
            foreach:
            - list: request.object.spec.containers
              preconditions: {all: [{key: "{{ element.name }}", operator: Equals, value: side}]}
              patchStrategicMerge:
                spec:
                  containers: [{name: "{{ element.name }}", image: "reg/{{ element.image }}"}]
            - list: request.object.spec.containers
              patchesJson6902: |-
                - op: add
                  path: /metadata/annotations/image-{{ elementIndex }}
                  value: "{{ element.image }}"
            """)
        let annotations = result.object["metadata"]?["annotations"]
        #expect(annotations?["image-0"] == "ghcr.io/acme/web:1.2")
        #expect(annotations?["image-1"] == "reg/nginx")
        #expect(result.object["spec"]?["containers"]?[1]?["image"] == "reg/nginx")
    }

    @Test func `where only additions are wanted, nothing that is there changes`() throws {
        let adding = "patchStrategicMerge: {metadata: {labels: {+(team): a}}}"
        let added = try mutated(adding, KyvernoFixture.pod, .additions)
        #expect(added.object["metadata"]?["labels"]?["team"] == "a")
        let before = try KyvernoFixture.value(KyvernoFixture.pod)
        for patch in [
            "patchStrategicMerge: {metadata: {labels: {app: other}}}",
            "patchStrategicMerge: {spec: {serviceAccountName: null}}",
            "patchesJson6902: '[{op: remove, path: /spec/containers/0}]'",
        ] {
            let result = try mutated(patch, KyvernoFixture.pod, .additions)
            #expect(result.object == before)
            #expect(result.results.map(\.outcome) == [.error])
            #expect(result.results.contains(where: \.forbids) == false)
        }
    }

    @Test func `rules see what the rules before them made, and pods in templates are patched`()
        throws
    {
        let policy = """
            apiVersion: kyverno.io/v1
            kind: ClusterPolicy
            metadata: {name: p}
            spec:
              rules:
              - name: first
                match: {any: [{resources: {kinds: [Pod]}}]}
                mutate: {patchStrategicMerge: {metadata: {labels: {+(team): a}}}}
              - name: second
                match: {any: [{resources: {kinds: [Pod]}}]}
                preconditions: {all: [{key: "{{ request.object.metadata.labels.team || '' }}",
                  operator: Equals, value: a}]}
                mutate: {patchStrategicMerge: {spec: {+(priority): 1}}}
            """
        let set = try KyvernoFixture.set(policy)
        let surroundings = PolicySurroundings(now: KyvernoFixture.now)
        let pod = set.mutated(try KyvernoFixture.request(), surroundings)
        #expect(pod.object["spec"]?["priority"] == 1)
        let deployment = try KyvernoFixture.request(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec: {template: {spec: {containers: []}}}
            """)
        let made = set.mutated(deployment, surroundings)
        #expect(
            made.object[path: ["spec", "template", "metadata", "labels", "team"]] == "a")
        #expect(made.object[path: ["spec", "template", "spec", "priority"]] == 1)
        #expect(made.results.map(\.rule) == ["autogen-first", "autogen-second"])
    }
}
