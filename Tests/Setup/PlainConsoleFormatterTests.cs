using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Management.Setup;
using Xunit;

namespace PciBus.Tests.Setup;

public sealed class PlainConsoleFormatterTests
{
    [Fact]
    public void NameFromOutside_WritesNoEntryOfItsOwn()
    {
        var console = new StringWriter();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var entry = new LogEntry<string>(
            LogLevel.Warning, "category", default, "host", null, (_, _) => "kvm1\n03:04:05 host kvm2 is Up\u001b[2J was refused");

        new PlainConsoleFormatter(clock).Write(entry, null, console);

        Assert.Equal("03:04:05 WARNING kvm1 03:04:05 host kvm2 is Up [2J was refused" + Environment.NewLine, console.ToString());
    }
}
