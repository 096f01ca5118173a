import HTTPTypes
import Hummingbird

/// Tells of every request what it was for and what it was answered.
struct RequestCount: RouterMiddleware {
    /// Is given the route, as in `sync`, and the status code.
    let tell: @Sendable (_ route: String, _ code: Int) -> Void

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let route = Self.route(of: request.uri.path)
        do {
            let response = try await next(request, context)
            tell(route, response.status.code)
            return response
        } catch {
            tell(route, (error as? any HTTPResponseError)?.status.code ?? 500)
            throw error
        }
    }

    /// One of a few words, whatever a caller asks for.
    static func route(of path: String) -> String {
        if path == "/v1/sync" { return "sync" }
        if path == "/mcp" { return "mcp" }
        return path.hasPrefix("/v1/checkpoints/") ? "checkpoints" : "other"
    }
}
