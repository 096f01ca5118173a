public import SwiftletAPI

/// A persona file: what the status says of it, and its text for agents.
public struct PersonaFile: Hashable, Sendable {
    /// What is known of it.
    public var persona: BackgroundAgentPoolStatus.Persona
    /// What an attempt is given: the whole file, and behind it how it has been customised, where
    /// that is the case; nil where it was refused.
    public var text: String?

    /// A file that is used.
    init(_ persona: BackgroundAgentPoolStatus.Persona, text: String) {
        self.persona = persona
        self.text = text
    }

    /// A file that is not used, and why.
    init(_ key: String, refusedBecause reason: String) {
        persona = .init(file: key)
        persona.refusal = PersonaReader.clean(reason, atMost: 512) ?? "it cannot be read"
    }
}
