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
        // A lost race is retried and of no interest; an error that is not retried is logged where it surfaces.
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical);
        // It logs each message that failed; the bus edge tells them, without those that merely found nobody.
        logging.AddFilter("MassTransit.Messages", LogLevel.None);
        // The code that starts the host tells in one line why a start failed.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // The caller of the health check gets the reason in the answer, each time.
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
