import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentGateway

struct AuthenticationTests {
    @Test(arguments: [
        (nil, 401), ("nothing", 401), ("", 401), ("a.b", 401), ("header.unknown.signature", 401),
        ("a.b.", 401), ("eyJhbGciOiJub25lIn0.e30.", 401), ("a b.c.d", 401),
        ("header.agent-web.signature", 403), ("header.agent-gone.signature", 403),
        ("header.successor.signature", 403), ("header.agent-b.signature", 403),
        (FakeWorld.token, 200),
    ])
    func `only the pod's own, good token lets an agent in`(token: String?, status: Int) async throws
    {
        try await GatewayScene.run { scene in
            let answer = try await scene.sync(scene.request(), token: token)
            #expect(answer.status == status)
            #expect(await scene.world.sessions.count == (status == 200 ? 1 : 0))
            if status == 401 { #expect(answer.headers["www-authenticate"] == "Bearer") }
        }
    }

    @Test func `while tokens cannot be reviewed only those just reviewed are let in`()
        async throws
    {
        var limits = CallerAuthenticator.Limits()
        limits.goodFor = .seconds(600)
        try await GatewayScene.run(answers: limits) { scene in
            #expect(try await scene.sync(scene.request(1)).status == 200)
            await scene.world.failReviews(true)
            #expect(try await scene.sync(scene.request(2)).status == 200)
            let other = try await scene.sync(
                scene.request(1, pod: "b"), token: "header.agent-b.signature")
            #expect(other.status == 503)
        }
        limits.goodFor = .zero
        try await GatewayScene.run(answers: limits) { scene in
            let first = try await scene.sync(scene.request(1))
            #expect(first.status == 200)
            await scene.world.failReviews(true)
            #expect(try await scene.sync(scene.request(2)).status == 503)
            await scene.world.failReviews(false)
            #expect(try await scene.sync(scene.request(3)).status == 200)
        }
    }

    @Test func `answers are kept for a while, and not without bound`() async throws {
        let world = FakeWorld()
        var limits = CallerAuthenticator.Limits()
        limits.answersMax = 3
        let authenticator = CallerAuthenticator(reviewer: world, limits: limits)
        for _ in 0..<5 {
            _ = try await authenticator.identify(authorization: "Bearer " + FakeWorld.token)
        }
        #expect(await world.reviews == 1)
        for index in 0..<50 {
            await #expect(throws: CallerAuthenticator.Refusal.unauthenticated) {
                try await authenticator.identify(authorization: "Bearer a.b\(index).c")
            }
        }
        #expect(await world.reviews == 51)
        let huge = "Bearer a.b." + String(repeating: "c", count: 20_000)
        await #expect(throws: CallerAuthenticator.Refusal.unauthenticated) {
            try await authenticator.identify(authorization: huge)
        }
        #expect(await world.reviews == 51)
    }

    @Test(arguments: [
        (#"{"authenticated":true,"audiences":["swiftlet-gateway"],"user":USER}"#, true),
        (#"{"authenticated":true,"audiences":["x","swiftlet-gateway"],"user":USER}"#, true),
        (#"{"authenticated":true,"audiences":[],"user":USER}"#, false),
        (#"{"authenticated":true,"user":USER}"#, false),
        (#"{"authenticated":true,"audiences":["https://kubernetes.default"],"user":USER}"#, false),
        (#"{"authenticated":false,"audiences":["swiftlet-gateway"],"user":USER}"#, false),
        (#"{"audiences":["swiftlet-gateway"],"user":USER}"#, false),
        (#"{"authenticated":true,"audiences":["swiftlet-gateway"]}"#, false),
        (
            #"{"authenticated":true,"audiences":["swiftlet-gateway"],"user":{"username":"jane"}}"#,
            false
        ),
    ])
    func `a review counts only with the gateway's audience and a pod`(
        status: String, isGood: Bool
    ) throws {
        let user = """
            {"username":"system:serviceaccount:shop:agents","extra":{
             "authentication.kubernetes.io/pod-name":["a"],
             "authentication.kubernetes.io/pod-uid":["uid-a"]}}
            """
        let text = #"{"status":"# + status.replacing("USER", with: user) + "}"
        let review = try JSONDocument(parsing: text)
        let identity = ClusterTokenReviewer.identity(
            in: review.root, audience: "swiftlet-gateway")
        let expected = AgentIdentity(namespace: "shop", pod: "a", podUID: UID("uid-a"))
        #expect(identity == (isGood ? expected : nil))
    }

    @Test(arguments: [
        (#"{"allowed":true}"#, true), (#"{"allowed":true,"denied":false}"#, true),
        (#"{"allowed":true,"denied":true}"#, false), (#"{"allowed":false}"#, false),
        (#"{"allowed":"true"}"#, false), (#"{"allowed":true,"denied":"yes"}"#, false),
        (#"{"allowed":1}"#, false), ("{}", false), ("[]", false), ("null", false),
    ])
    func `a review of rights that is missing something or odd says no`(
        status: String, isYes: Bool
    ) throws {
        let review = try JSONDocument(parsing: #"{"status":"# + status + "}")
        #expect(ClusterAccessReviewer.isAllowed(review.root) == isYes)
    }

    @Test(arguments: [
        #"{"username":"system:serviceaccount:shop:agents"}"#,
        #"{"username":"system:serviceaccount:shop:agents","extra":{}}"#,
        #"""
        {"username":"system:serviceaccount:shop","extra":{
         "authentication.kubernetes.io/pod-name":["a"],
         "authentication.kubernetes.io/pod-uid":["u"]}}
        """#,
        #"""
        {"username":"system:node:n","extra":{
         "authentication.kubernetes.io/pod-name":["a"],
         "authentication.kubernetes.io/pod-uid":["u"]}}
        """#,
        #"""
        {"username":"system:serviceaccount:shop:agents","extra":{
         "authentication.kubernetes.io/pod-name":["a","b"],
         "authentication.kubernetes.io/pod-uid":["u"]}}
        """#,
        #"""
        {"username":"system:serviceaccount:shop:agents","extra":{
         "authentication.kubernetes.io/pod-name":["a"],"authentication.kubernetes.io/pod-uid":[]}}
        """#,
        #"""
        {"username":"system:serviceaccount:shop:agents","extra":{
         "authentication.kubernetes.io/pod-name":"a","authentication.kubernetes.io/pod-uid":"u"}}
        """#,
    ])
    func `a token that is bound to no pod is nobody's`(user: String) throws {
        let text = """
            {"status":{"authenticated":true,"audiences":["swiftlet-gateway"],"user":\(user)}}
            """
        let review = try JSONDocument(parsing: text)
        #expect(
            ClusterTokenReviewer.identity(in: review.root, audience: "swiftlet-gateway") == nil)
    }
}
