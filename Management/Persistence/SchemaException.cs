namespace PciBus.Management.Persistence;

/// <summary>A database that this program cannot work with; the message is one line that says why, and the remedy.</summary>
internal sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
