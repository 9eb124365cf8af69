using System.Diagnostics.CodeAnalysis;

namespace PciBus.Tests.Support;

/// <summary>A command was translated and, as there is no server, not executed.</summary>
[SuppressMessage("Design", "CA1032", Justification = "It always carries the command")]
internal sealed class NotExecutedException(string commandText) : Exception("The command is not executed: there is no server")
{
    public string CommandText { get; } = commandText;

    /// <summary>The command that the work came to; any other failure of the work goes on.</summary>
    public static string TextOf(Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception)
        {
            for (var cause = exception; cause is not null; cause = cause.InnerException)
            {
                if (cause is NotExecutedException notExecuted) return notExecuted.CommandText;
            }

            throw;
        }

        throw new InvalidOperationException("No command was executed");
    }
}
