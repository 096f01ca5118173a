/// Where one evaluation finds what its expression names: variables that are made only when they are
/// used, and functions that look at more than their arguments.
///
/// A scope belongs to one evaluation and may remember what it was asked; the evaluation asks it
/// from one place at a time.
public protocol CELScope: AnyObject {
    /// The variable called `name`, its whole name as the environment declares it; `nil` where it
    /// has no value.
    func value(of name: String) throws(CELError) -> CELValue?

    /// The answer to a call of a function that `CELLibrary.ask` declared.
    func call(_ function: String, _ arguments: [CELValue]) throws(CELError) -> CELValue
}
