namespace PciBus.Management.Events;

/// <summary>Which alerts an operator means: those that all of this fits.</summary>
/// <param name="Ids">Null = all; else each of them must fit the rest.</param>
/// <param name="Type">Null = all.</param>
/// <param name="From">Raised then or later; null = ever.</param>
/// <param name="Until">Raised then or earlier; null = until now.</param>
internal sealed record AlertChoice(IReadOnlyList<long>? Ids, AlertType? Type, DateTimeOffset? From, DateTimeOffset? Until);
