using Microsoft.Extensions.Logging.Console;

namespace PciBus.Management.Setup;

/// <summary>Plain lines for people, JSON for machines.</summary>
internal static class LoggingSetup
{
    public static void Configure(ILoggingBuilder logging, string format, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("PciBus", level);
        // A lost race is retried and of no interest; what is not retried is logged where it surfaces.
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical);
        // Each message that failed; told by the bus edge, without those that merely found nobody.
        logging.AddFilter("MassTransit.Messages", LogLevel.None);
        // A start that fails is told in one line by whoever started it.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // Whoever asks for the health is told the reason in the answer, as often as it asks.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        if (format == "json")
        {
            logging.AddJsonConsole(console => console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffK");
            return;
        }

        logging.Services.AddSingleton(TimeProvider.System);
        logging.AddConsole(console => console.FormatterName = PlainConsoleFormatter.FormatterName);
        logging.AddConsoleFormatter<PlainConsoleFormatter, ConsoleFormatterOptions>();
    }
}
