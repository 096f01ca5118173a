import KubernetesCore
import Testing

@testable import PolicyEngine

struct KyvernoLibraryTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test(arguments: [
        "image('nginx').registry() == 'index.docker.io'",
        "image('nginx').repository() == 'library/nginx'", "image('nginx').tag() == 'latest'",
        "image('docker.io/a/b:1').registry() == 'index.docker.io'",
        "parseImageReference('ghcr.io/a/b:1.2').repository() == 'a/b'",
        "image('ghcr.io/a/b:1.2').identifier() == '1.2'",
        "image('localhost:5000/ab:x').registry() == 'localhost:5000'",
        "image('a/b@\(digest)').digest() == '\(digest)'",
        "image('a/b:1@\(digest)').tag() == ''", "image('a/b:1@\(digest)').containsDigest()",
        "!image('a/b:1').containsDigest()",
        "image('a/b:1').identifierWithSeparator() == ':1'", "isImage('a/b')",
        "!isImage('A/b')", "!isImage('a/b:')", "!isImage('')", "!isImage('a/b@sha256:1')",
        "object.spec.containers.all(image, image(image.image).registry() == 'ghcr.io')",
        "parseServiceAccount('system:serviceaccount:a:b:c').Name == 'b:c'",
        "user.parseServiceAccount(request.userInfo.username).Namespace == 'team'",
        "parseServiceAccount('joe').Name == ''", "math.round(2.345, 2) == 2.35",
        "math.round(1250.0, -2) == 1300.0", "math.round(2.5) == 3.0",
        "json.unmarshal('{\"a\": [1]}').a[0] == 1", "json.marshal({'b': 1}) == '{\"b\":1}'",
        "time.now() == timestamp('2026-05-28T20:26:40Z')",
        "time.toCron(timestamp('2026-05-28T20:26:40Z')) == '26 20 28 5 4'",
        "time.truncate(timestamp('2026-05-28T20:26:40Z'), duration('1h'))"
            + " == timestamp('2026-05-28T20:00:00Z')",
        "listObjToMap([{'k': 'a'}], [{'v': 'b'}], 'k', 'v') == {'a': 'b'}",
        "transform.listObjToMap([], [], 'k', 'v') == {}", "size(random()) == 8",
        "random() != random.random()", "random('[x-z]{3}').matches('^[x-z]{3}$')",
        "sha256('abc') == 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
        "hash.sha1('abc') == 'a9993e364706816aba3e25717850c26c9cd0d89d'",
        "md5('') == 'd41d8cd98f00b204e9800998ecf8427e'",
        "request.object.kind == 'Pod' && request.oldObject == null",
        "'a' in ['a'] && exceptions.allowedImages == []", "cel.bind(x, 1, x + 1 == 2)",
        "base64.encode(b'a') == 'YQ=='", "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
    ])
    func `what Kyverno adds to CEL is there`(_ expression: String) throws {
        let verdict = try ExpressionFixture.verdict(of: expression)
        #expect(verdict.outcome == .pass, "\(verdict.message)")
    }

    @Test(arguments: [
        "http.Get('http://x').ok == true", "http.post('http://x', {}).ok == true",
        "http.Client('ca').Get('http://x').ok == true",
        "resource.Post('v1', 'configmaps', 'team', {'a': dyn(1)}).ok == true",
        "image('::').tag() == ''", "json.unmarshal('{').a == 1", "random('(') == ''",
        "x509.decode('x').Subject == ''", "yaml.parse('a: 1').a == 1",
        "resource.Get('v1', 'pods/../secrets', 'team', 'x').ok == true",
        "resource.Get('v1', 'pods', 'team', '..').ok == true",
        "resource.Get('a/b/c', 'pods', 'team', 'x').ok == true",
        "resource.Get('v1', 'pods', 'team', 'x').ok == true",
        "image.GetMetadata('x').ok == true", "globalContext.Get('x').ok == true",
    ])
    func `what is refused or cannot be asked is an error`(_ expression: String) throws {
        let verdict = try ExpressionFixture.verdict(of: expression)
        #expect(verdict.outcome == .error, "\(verdict)")
    }

    @Test(arguments: [
        "generator.Apply('a', [])", "images.containers.size() == 0", "params.x == 1",
        "authorizer.path('/x').check('get').allowed()", "attestors.x == 1",
        "resource.Get('v1', 'pods', 'x').ok == true",
    ])
    func `what other kinds of policies have is refused when the policy is read`(
        _ expression: String
    ) {
        #expect(throws: PolicyProblem.self) { try ExpressionFixture.verdict(of: expression) }
    }

    private let cluster = ExpressionFixture.surroundings([
        .apiCall(path: "/api/v1/namespaces/team/configmaps/a"): .found(["data": ["k": "v"]]),
        .apiCall(path: "/apis/apps/v1/namespaces/team/deployments"): .found([
            "items": [
                ["metadata": ["name": "x", "labels": ["app": "web"]]],
                ["metadata": ["name": "y"]],
            ]
        ]),
        .apiCall(path: "/api/v1/nodes/n/status"): .found(["kind": "Node"]),
        .globalContext(name: "g"): .found(["a": 1]), .globalContext(name: "g.p"): .found(2),
        .image(reference: "x:1"): .found(["configData": ["User": "root"], "manifest": [:]]),
    ])

    @Test(arguments: [
        "resource.Get('v1', 'configmaps', 'team', 'a').data.k == 'v'",
        "resource.get('v1', 'configmaps', 'team', 'a').data.?k.orValue('') == 'v'",
        "resource.Get('v1', 'configmaps', 'team', 'b').?data.hasValue() == false",
        "resource.Get('v1', 'nodes', '', 'n', ['status']).kind == 'Node'",
        "resource.List('apps/v1', 'deployments', 'team').items.size() == 2",
        "resource.list('apps/v1', 'deployments', 'team', {'app': 'web'}).items.size() == 1",
        "resource.List(resource.ToGVR('apps/v1', 'Deployment'), 'team').items.size() == 2",
        "globalContext.Get('g').a == 1 && globalContext.get('g', 'p') == 2",
        "image.GetMetadata('x:1').config.User == 'root'",
        "image.getMetadata('x:1').configData.User == 'root'",
    ])
    func `the cluster is asked through the surroundings`(_ expression: String) throws {
        let verdict = try ExpressionFixture.verdict(of: expression, cluster)
        #expect(verdict.outcome == .pass, "\(verdict.message)")
    }

    @Test func `YAML is read by whoever the surroundings name`() throws {
        var surroundings = ExpressionFixture.surroundings
        surroundings.parseYAML = { $0 == "a: 1" ? ["a": 1] : nil }
        let good = try ExpressionFixture.verdict(of: "yaml.parse('a: 1').a == 1", surroundings)
        #expect(good.outcome == .pass, "\(good.message)")
        let bad = try ExpressionFixture.verdict(of: "yaml.parse('{').a == 1", surroundings)
        #expect(bad.outcome == .error)
    }

    @Test func `a policy of a namespace asks only about its own`() throws {
        let policy = try ExpressionFixture.policy(
            """
            apiVersion: policies.kyverno.io/v1beta1
            kind: NamespacedValidatingPolicy
            metadata: {name: p, namespace: team}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              validations:
              - {expression: "resource.Get('v1', 'configmaps', 'a').data.k == 'v'"}
              - {expression: "resource.List('apps/v1', 'deployments').items.size() == 2"}
            """)
        let results = policy.evaluate(
            ExpressionFixture.request(try ExpressionFixture.pod()), cluster)
        #expect(results.map(\.outcome) == [.pass], "\(results.map(\.message))")
    }
}
