using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Setup;
using Xunit;

namespace PciBus.Tests.Setup;

public sealed class FencingSettingsTests
{
    private const string Tool = "fencing.command=/usr/bin/ipmitool -H {name}-bmc -f \"/etc/pcibus/bmc password\" power off";

    [Fact]
    public void Nobody_is_fenced_unless_a_command_is_configured()
    {
        Assert.False(Read().IsConfigured);
        Assert.Equal((60, 60, 3), (Read().Timeout.TotalSeconds, Read().RetryInterval.TotalSeconds, Read().Limit));
        Assert.True(Read("fencing.command.kvm2=fence2").IsConfigured);
    }

    [Fact]
    public void A_command_is_split_at_blanks_and_filled_in_for_each_host()
    {
        var command = Read(Tool).For(Host("kvm1"));

        Assert.Equal("/usr/bin/ipmitool", command.Executable);
        Assert.Equal(["-H", "kvm1-bmc", "-f", "/etc/pcibus/bmc password", "power", "off"], command.ArgumentsFor(Host("kvm1"), out var whyNot));
        Assert.Null(whyNot);
        Assert.Equal(["192.0.2.1", "guid-of-kvm1"], Read("fencing.command=fence {ip} {guid}").Command.ArgumentsFor(Host("kvm1"), out _));
    }

    [Fact]
    public void The_command_of_a_host_wins_and_an_empty_one_is_none()
    {
        var options = Read(Tool, "fencing.command.guid-of-kvm2=fence2 now", "fencing.command.guid-of-kvm3=");

        Assert.Equal("/usr/bin/ipmitool", options.For(Host("kvm1")).Executable);
        Assert.Equal("fence2", options.For(Host("kvm2")).Executable);
        Assert.True(options.For(Host("kvm3")).IsNone);
    }

    [Theory]
    [InlineData("kvm1", null, "{ip}")]
    [InlineData("-kvm1", "192.0.2.1", "{name}")]
    [InlineData("kvm1\n", "192.0.2.1", "{name}")]
    public void What_an_agent_says_of_itself_is_never_an_option(string name, string? address, string placeholder)
    {
        var host = Host(name);
        host.PrivateIpAddress = address;

        Assert.Empty(Read("fencing.command=fence {name} {ip}").Command.ArgumentsFor(host, out var whyNot));
        Assert.Contains(placeholder, whyNot, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fencing.command=fence s3cret {nmae}", "The setting fencing.command (command line) cannot be used as it is; allowed is an executable and its arguments, parted by blanks, with double quotes in pairs; in the arguments {name}, {guid} and {ip} are the host's, and it has {nmae}")]
    [InlineData("fencing.command.kvm1=/opt/{name}/fence", "The setting fencing.command.kvm1 (command line) cannot be used as it is")]
    [InlineData("fencing.command=fence \"s3cret", "The setting fencing.command (command line) cannot be used as it is")]
    [InlineData("fencing.command=\"\" s3cret", "The setting fencing.command (command line) cannot be used as it is")]
    [InlineData("fencing.command.=fence", "\"fencing.command.\" (command line) is no setting")]
    [InlineData("fencing.limit=0", "The setting fencing.limit is \"0\" (command line); allowed is a whole number from 1 to 1000")]
    [InlineData("fencing.timeout=soon", "The setting fencing.timeout is \"soon\"")]
    public void What_is_wrong_is_told_at_the_start_without_the_command(string setting, string text)
    {
        var error = Assert.Throws<SetupException>(() => Read(setting));

        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    private static FencingOptions Read(params string[] settings) => Settings.Read(settings, new Dictionary<string, string>(), null).Hosts.Fencing;

    private static Host Host(string name) => new()
    {
        Guid = $"guid-of-{name}",
        Name = name,
        PrivateIpAddress = "192.0.2.1",
        Version = "",
        HypervisorType = "KVM",
        CpuArch = "",
        HostTags = "",
        BootId = "",
    };
}
