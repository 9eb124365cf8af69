namespace PciBus.Tests.Runner;

/// <summary>One test of one run; a row of a theory is a test of its own.</summary>
/// <param name="CaseId">What the test program runs by id: a fact, or a theory with all its rows.</param>
/// <param name="Name">Full name, with the arguments of a row.</param>
/// <param name="Message">What the failure says, or why the test was skipped.</param>
/// <param name="Detail">The stack of a failure.</param>
/// <param name="Output">What the test wrote.</param>
internal sealed record TestResult(
    string CaseId, string Name, TestOutcome Outcome, string Message = "", string Detail = "", string Output = "", double Seconds = 0);
